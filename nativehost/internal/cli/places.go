package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// knownHits is how many hits are looked through for places to suggest.
const knownHits = 500

// seenPlaces are where the newest hits of the store went, sorted. If the store cannot be
// read there are none: the shell's completion has nowhere to show an error.
func (a *app) seenPlaces(ctx context.Context) (places []string) {
	path, err := a.storePath()
	if err != nil {
		return nil
	}
	s, err := store.OpenExisting(ctx, path)
	if err != nil {
		return nil
	}
	defer s.Close()
	rows, err := s.Rows(ctx, store.Query{Where: []store.Condition{store.Like(store.Kind, string(record.Hit))}, Newest: true, Limit: knownHits})
	if err != nil {
		return nil
	}
	for _, r := range rows {
		places = append(places, r.Event)
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// completeTrace suggests the hosts and paths that hits went to.
func (a *app) completeTrace(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var all []cobra.Completion
	for _, place := range a.seenPlaces(cmd.Context()) {
		if _, place, ok := strings.Cut(place, "://"); ok && strings.HasPrefix(place, typed) && !slices.Contains(all, place) {
			all = append(all, place)
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}
