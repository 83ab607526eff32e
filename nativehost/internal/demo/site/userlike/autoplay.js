"use strict";
// Clicks through the visit, one call after the other, the way a visitor would:
// only by the chat's own controls and the page's own links.

/**
 * @param {{event: string, mistake?: object}[]} planned every call of the visit
 * @param {{calls: string[]}} visit what the chat has reported so far
 * @param {{press(name: string): void, fill(values: Record<string, string>): void}} view
 * @param {Window} page
 */
async function autoplay(planned, visit, view, page) {
  const pause = 120; // so that a person can follow
  const reading = 2500; // how long a visitor reads the privacy notice
  const ending = 4500; // what is not sent within 5 s is judged only if the page is still there
  const patience = 10_000; // how long the chat may take to make the next call
  const questions = [
    "Hello! How much light does the monstera need?",
    "Does it fit the stoneware pot?",
    "When would it be here?",
  ];
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const send = () => {
    view.fill({ text: questions[visit.calls.filter((event) => event === "message_operator_terminating").length] });
    view.press("send");
  };
  // What a visitor does to cause an event. The chat makes the events that are not here.
  const steps = {
    button_displayed() {
      page.document.querySelector("[data-add]")?.click();
      page.document.querySelector('a[href="/checkout"]').click();
    },
    chat_requested: () => view.press("open"),
    chat_window_maximized: () => view.press("open"),
    chat_window_minimized: () => view.press("minimise"),
    disclaimer_ok: () => view.press("accept"),
    pre_survey_submit() {
      view.fill({ name: "Ada", email: "ada@shop.example" });
      view.press("survey");
    },
    chat_started: send,
    message_operator_terminating: send,
    feedback_rating_show: () => view.press("end"),
    rating_submit() {
      view.fill({ stars: "5", feedback: "Quick and kind, thank you." });
      view.press("rate");
    },
    transcript_submit: () => view.press("transcript"),
  };
  const { dataset } = page.document.documentElement;
  const tell = (state, text) => {
    dataset.demoVisit = state;
    page.document.title = text;
    const status = page.document.querySelector("[data-demo-status]");
    if (status) status.textContent = text;
  };

  dataset.demoVisit = "playing";
  for (const [i, { event }] of planned.entries()) {
    if (visit.calls.length <= i && steps[event]) {
      await wait({ disclaimer_ok: reading, chat_window_minimized: ending }[event] ?? pause);
      steps[event]();
    }
    for (let waited = 0; visit.calls.length <= i && waited < patience; waited += 20) await wait(20);
    if (visit.calls[i] !== event) {
      const why = `call ${i + 1} should be ${event}, but is ${visit.calls[i] ?? "missing"}`;
      dataset.demoWhy = why;
      tell("failed", `Visit failed: ${why}`);
      return;
    }
  }
  const mistakes = planned.filter(({ mistake }) => mistake).length;
  tell("done", `Visit complete: ${planned.length} calls, ${mistakes} of them not as documented; where they go, more goes wrong.`);
}
