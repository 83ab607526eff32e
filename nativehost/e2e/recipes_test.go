//go:build browsers && unix

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"userlike-inspector/nativehost/internal/demo"
)

// recipe is a folder in which to try a recipe, with the program on the PATH, and the demo
// shop.
type recipe struct {
	dir  string
	env  []string
	shop *demo.Server
}

func newRecipe(t *testing.T) *recipe {
	t.Helper()
	shop, err := demo.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := &recipe{dir: t.TempDir(), shop: shop}
	t.Cleanup(func() { r.shop.Close() })
	if err := os.Symlink(self(t), filepath.Join(r.dir, "userlike-inspector")); err != nil {
		t.Fatal(err)
	}
	r.env = append(os.Environ(), "HOME="+filepath.Join(r.dir, "home"), "TMPDIR="+r.dir,
		"PATH="+r.dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return r
}

// run runs a program, checks its exit code, and returns its stdout and stderr.
func (r *recipe) run(t *testing.T, wantCode int, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env, cmd.Dir = r.env, r.dir
	out, err := cmd.CombinedOutput()
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if code != wantCode {
		t.Fatalf("%s %s: exit code %d, want %d\n%s", program, strings.Join(args, " "), code, wantCode, tail(out))
	}
	return string(out)
}

// file reads a file that a recipe has written.
func (r *recipe) file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// repository is the absolute path of a file in this repository.
func repository(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(filepath.Join("../..", path))
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// The Playwright recipe passes for the chat that starts, and fails for the mistake that the
// demo makes before that.
func TestPlaywrightRecipe(t *testing.T) {
	t.Parallel()
	r := newRecipe(t)
	r.env = append(r.env, "SITE="+r.shop.URL+"/")
	out := r.run(t, 1, "node", "--test", "--test-reporter=tap", repository(t, ".ci/recipes/chat.test.mjs"))
	for _, want := range []string{
		"\nok 1 - a visitor who starts a chat is tracked",
		"\nnot ok 2 - nothing that was tracked is wrong",
		"wrong-type: global_ctx.operator_group_id",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in what the test said:\n%s", want, out)
		}
	}
}

// The shell's recipe judges the whole visit.
func TestShellRecipe(t *testing.T) {
	t.Parallel()
	r := newRecipe(t)
	r.run(t, 1, repository(t, ".ci/recipes/chat.sh"), r.shop.AutoplayURL(), "transcript_submit", "report.xml")
	report := r.file(t, "report.xml")
	for _, want := range []string{
		`failures="3"`,
		"wrong-type in pre_survey_show",
		"undocumented-event in chat_window_minimzed",
		"not-serializable in feedback_rating_show",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("%q is not in the report:\n%s", want, report)
		}
	}
	left, err := filepath.Glob(filepath.Join(r.dir, "tmp.*"))
	if err != nil || len(left) > 0 {
		t.Errorf("the script leaves %q behind (%v)", left, err)
	}
}

// The Playwright recipe for deployments finds the one event for which the shop's function
// throws.
func TestPlaywrightSimulationRecipe(t *testing.T) {
	t.Parallel()
	r := newRecipe(t)
	r.env = append(r.env, "SITE="+r.shop.URL+"/")
	out := r.run(t, 1, "node", "--test", "--test-reporter=tap", repository(t, ".ci/recipes/simulate.test.mjs"))
	for _, want := range []string{
		"\nnot ok 1 - the function copes with every event",
		"post_survey_submit sparse TypeError",
		"\nok 2 - every event is passed on",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in what the test said:\n%s", want, out)
		}
	}
	if strings.Contains(out, "post_survey_submit full") {
		t.Errorf("the test complains of a call that returned:\n%s", out)
	}
}

// workflow runs the commands of a workflow's job for a site, one after the other. The step
// named by fails must exit with 1, because the shop makes mistakes; all others with 0.
func (r *recipe) workflow(t *testing.T, file, job, site, fails string) {
	t.Helper()
	text, err := os.ReadFile(repository(t, ".github/workflows/"+file))
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			Env   map[string]string
			Steps []struct{ Name, Run, Uses string }
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	for name, value := range workflow.Jobs[job].Env {
		r.env = append(r.env, name+"="+strings.ReplaceAll(value, "${{ inputs.site }}", site))
	}
	r.env = append(r.env, "GITHUB_STEP_SUMMARY="+filepath.Join(r.dir, "summary.md"))
	ran := 0
	for _, step := range workflow.Jobs[job].Steps {
		if step.Run == "" || step.Name == "Build" { // the test's own binary is the program already
			continue
		}
		code := 0
		if step.Name == fails {
			code = 1
		}
		r.run(t, code, "bash", "-e", "-c", step.Run)
		ran++
	}
	if ran != 2 {
		t.Errorf("%d steps were run, want 2", ran)
	}
}

// contain checks that files contain texts, given by the files' names.
func (r *recipe) contain(t *testing.T, texts map[string]string) {
	t.Helper()
	for name, want := range texts {
		if !strings.Contains(r.file(t, name), want) {
			t.Errorf("%s has no %q", name, want)
		}
	}
}

// The workflow's commands work and write the files that it hands on.
func TestWorkflowRecipe(t *testing.T) {
	t.Parallel()
	r := newRecipe(t)
	r.workflow(t, "userlike.yml", "inspect", r.shop.AutoplayURL(), "Inspect")
	r.contain(t, map[string]string{
		"userlike.xml": `failures="3"`, "userlike.html": "3 errors found", "summary.md": "# Userlike tracking: 3 errors",
		"visit.jsonl": `"chat_started"`, "visit.jsonl.seal.json": "in-toto",
	})
}

// The same holds for the workflow for deployments.
func TestDeploymentWorkflowRecipe(t *testing.T) {
	t.Parallel()
	r := newRecipe(t)
	r.workflow(t, "userlike-deployment.yml", "simulate", r.shop.URL+"/", "Simulate")
	r.contain(t, map[string]string{
		"userlike.xml": `name="post_survey_submit sparse" time="0">
      <failure`, "summary.md": "`handler-threw` in `post_survey_submit`",
		"simulation.jsonl": `"simulated":true`, "simulation.jsonl.seal.json": "in-toto",
	})
}
