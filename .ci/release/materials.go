package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// materials writes the bill of materials in CycloneDX's format
// (https://cyclonedx.org/docs/1.6/json/): the modules that the program is built from. The
// extension uses no others' code.
func (r *release) materials() error {
	info, err := buildinfo.ReadFile(r.program)
	if err != nil {
		return err
	}
	type component struct {
		Type    string `json:"type"`
		Name    string `json:"name"`
		Version string `json:"version"`
		PURL    string `json:"purl,omitempty"`
		Ref     string `json:"bom-ref,omitempty"`
	}
	components := []component{{Type: "platform", Name: "go", Version: info.GoVersion}}
	for _, m := range info.Deps { // sorted
		purl := fmt.Sprintf("pkg:golang/%s@%s", m.Path, m.Version)
		components = append(components, component{"library", m.Path, m.Version, purl, purl})
	}
	bill := map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
		"metadata": map[string]any{
			"timestamp": r.time.Format(time.RFC3339),
			"component": component{Type: "application", Name: product, Version: r.version, Ref: product},
		},
		"components": components,
	}
	return r.create(fmt.Sprintf("%s_%s.cdx.json", product, r.version), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(bill)
	})
}
