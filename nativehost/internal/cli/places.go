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
		if place, ok := withoutScheme(place); ok && strings.HasPrefix(place, typed) && !slices.Contains(all, place) {
			all = append(all, place)
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}

// withoutScheme is a place as one types it: an address from its host on. address is false
// for a queue.
func withoutScheme(place string) (typed string, address bool) {
	if _, rest, ok := strings.Cut(place, "://"); ok {
		return rest, true
	}
	return place, false
}
