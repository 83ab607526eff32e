"use strict";
// What one sees of the chat: a button and a window in a shadow root of the page. It makes
// no calls; it passes what the visitor does to act.

/**
 * @param {Document} document the page's
 * @param {string} stylesheet the style sheet's address
 * @param {(action: string, data: Record<string, string>) => void} act gets each action of
 *   the visitor, with the values of the form
 */
async function createView(document, stylesheet, act) {
  const make = maker(document);
  const { el } = make;
  const host = el("div", { id: "userlike-messenger", hidden: "" }); // shown once the style sheet is loaded
  const root = host.attachShadow({ mode: "open" });
  const style = el("link", { rel: "stylesheet", href: stylesheet });
  const styled = new Promise((resolve, reject) => {
    style.onload = resolve;
    style.onerror = () => reject(new Error(`the chat's style sheet ${stylesheet} could not be loaded`));
  });

  const end = el("button", { type: "button", class: "text", "data-act": "end" }, "End chat");
  const body = el("div", { class: "body" });
  const panel = el("section", { class: "panel", role: "dialog", "aria-labelledby": "title", hidden: "" },
    el("header", {},
      make.face("avatar"),
      el("div", {}, el("h2", { id: "title" }, "Fern & Kiln"), el("p", {}, "Here from 8 to 18")),
      end,
      el("button", { type: "button", class: "icon", "data-act": "minimise", "aria-label": "Minimise the chat" }, make.icon("M5 9l7 7 7-7"))),
    body);
  const launcher = el("button", { type: "button", class: "launcher", "data-act": "open", "aria-label": "Open the chat", "aria-expanded": "false" },
    make.icon("M4 5h16v11H11l-5 4v-4H4zM8 9h8M8 12.5h5"));
  root.append(style, panel, launcher);

  root.addEventListener("click", (event) => {
    const button = event.target.closest("button[type=button][data-act]");
    if (button) act(button.dataset.act, {});
  });
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const wrong = [...form.elements].find((field) => field.willValidate && !field.checkValidity());
    form.querySelector("[role=alert]").textContent = wrong ? wrong.validationMessage : "";
    if (wrong) {
      wrong.focus();
      act("invalid", {});
      return;
    }
    const data = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
    if (form.dataset.act === "send") form.reset();
    act(form.dataset.act, data);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) act("minimise", {});
  });

  document.body.append(host);
  await styled;
  host.hidden = false;

  const log = () => root.querySelector(".log");
  const toEnd = () => log()?.scrollTo(0, log().scrollHeight);
  const focus = () => (body.querySelector("input, button.main") ?? panel).focus({ preventScroll: true });
  const view = {
    /** Shows the stage that the visit is in. */
    show(visit) {
      body.replaceChildren(...stages[visit.stage](make, visit));
      body.dataset.stage = visit.stage;
      end.hidden = visit.stage !== "chat" || visit.chat === undefined;
      for (const { from, text } of log() ? visit.messages : []) view.add(from, text);
      if (!panel.hidden) focus();
    },
    setOpen(open) {
      panel.hidden = !open;
      launcher.hidden = open;
      launcher.setAttribute("aria-expanded", String(open));
      toEnd();
      if (open) focus();
      else if (root.activeElement) launcher.focus();
    },
    add(from, text) {
      if (!log()) return;
      log().append(el("li", { class: from }, text));
      if (from === "contact") end.hidden = false;
      toEnd();
    },
    typing(on) {
      log()?.querySelector(".typing")?.remove();
      if (on) log()?.append(el("li", { class: "operator typing", "aria-label": "Mara is typing" }, el("i"), el("i"), el("i")));
      toEnd();
    },
    /** Presses the control that stands for an action, as the visitor would. */
    press(action) {
      const control = root.querySelector(`[data-act="${action}"]`);
      if (control.localName === "form") control.requestSubmit();
      else control.click();
    },
    /** Fills fields of the shown form by their names. */
    fill(values) {
      for (const [name, value] of Object.entries(values)) {
        const field = body.querySelector("form").elements.namedItem(name);
        field.value = value;
      }
    },
  };
  return view;
}

/** Makes elements in a document. */
function maker(document) {
  const el = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  return {
    el,
    icon: (d) => svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "drawn" }, svg("path", { d })),
    face: (name) => svg("svg", { viewBox: "0 0 48 48", "aria-hidden": "true", class: name },
      svg("circle", { cx: 24, cy: 24, r: 24, fill: "#f0c36a" }),
      svg("path", { d: "M6 41c2-10 9-14 18-14s16 4 18 14a24 24 0 0 1-36 0Z", fill: "#2e5d6b" }),
      svg("path", { d: "M12 22c-2-12 6-16 12-16s14 4 12 16c-1 7-3 9-6 10H18c-3-1-5-3-6-10Z", fill: "#5b3a29" }),
      svg("circle", { cx: 24, cy: 21, r: 9, fill: "#f3cfb3" }),
      svg("path", { d: "M14 18c5 0 9-3 11-6 2 3 5 5 9 6-1-6-5-9-10-9s-9 3-10 9Z", fill: "#5b3a29" }),
      svg("path", { d: "M20 24c2 3 6 3 8 0", fill: "none", stroke: "#9a4f3c", "stroke-width": "1.5", "stroke-linecap": "round" })),
    field: (label, attributes) => el("label", {}, label, el("input", attributes)),
    main: (label, attributes = { type: "submit" }) => el("button", { class: "main", ...attributes }, label),
    other: (label, action) => el("button", { type: "button", class: "quiet", "data-act": action }, label),
    form: (action, ...children) => el("form", { "data-act": action, novalidate: "" }, ...children, el("p", { role: "alert" })),
  };
}

/** What the window shows in each stage of a visit. */
const stages = {
  notice: ({ el, main, other }) => [
    el("h3", {}, "Before we talk"),
    el("p", {}, "We keep your name, your e-mail address and what you write for as long as your question needs, and show them to nobody but the person who answers."),
    el("p", {}, "You can ask for a copy, or to have them deleted, at any time."),
    el("div", { class: "actions" }, main("Accept and chat", { type: "button", "data-act": "accept" }), other("Not now", "minimise")),
  ],
  connecting: ({ el }) => [
    el("p", { class: "connecting", role: "status" }, el("i"), el("i"), el("i"), " Finding somebody for you …"),
  ],
  survey: ({ el, field, main, form }, visit) => [
    el("h3", {}, "Who are we talking to?"),
    form("survey",
      field("Your name", { name: "name", autocomplete: "name", required: "", value: visit.name ?? "" }),
      field("Your e-mail address", { name: "email", type: "email", autocomplete: "email", required: "", value: visit.email ?? "" }),
      el("label", {}, "What is it about?",
        el("select", { name: "topic" }, ...["Plants and care", "Pots and glazes", "My order"].map((topic) => el("option", {}, topic)))),
      main("Start chat")),
  ],
  chat: ({ el, icon, form }) => [
    el("ol", { class: "log", role: "log", "aria-label": "Messages", tabindex: "0" }),
    form("send",
      el("input", { name: "text", required: "", autocomplete: "off", "aria-label": "Your message", placeholder: "Write a message" }),
      el("button", { class: "icon send", type: "submit", "aria-label": "Send" }, icon("M4 12h14M12 6l6 6-6 6"))),
  ],
  rating: ({ el, main, other, form }) => [
    el("h3", {}, "How did we do?"),
    form("rate",
      el("fieldset", {}, el("legend", {}, "Stars"),
        ...[5, 4, 3, 2, 1].flatMap((n) => [
          el("input", { type: "radio", name: "stars", id: `stars-${n}`, value: String(n), required: "" }),
          el("label", { for: `stars-${n}`, "aria-label": n === 1 ? "1 star" : `${n} stars` }, "★"),
        ])),
      el("label", {}, "Anything you would like to add?", el("textarea", { name: "feedback", rows: "3" })),
      el("div", { class: "actions" }, main("Send feedback"), other("Skip", "skipRating"))),
  ],
  transcript: ({ el, field, main, other, form }, visit) => [
    el("h3", {}, "Would you like a transcript?"),
    el("p", {}, "We can send you this conversation by e-mail."),
    form("transcript",
      field("E-mail address", { name: "email", type: "email", autocomplete: "email", required: "", value: visit.email ?? "" }),
      el("div", { class: "actions" }, main("Send it to me"), other("No, thanks", "skipTranscript"))),
  ],
  thanks: ({ el, main, other }) => [
    el("h3", {}, "Thank you!"),
    el("p", {}, "It was good to talk. Come back any time."),
    el("div", { class: "actions" }, main("Close", { type: "button", "data-act": "minimise" }), other("New chat", "again")),
  ],
};
