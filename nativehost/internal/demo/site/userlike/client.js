"use strict";
// The demo's stand-in for Userlike's client. The loader runs it inside a hidden
// frame and hands it the page's window; it reports what happens in the chat by
// calling the page's userlikeTrackingEvent, looked up anew for each call.

(() => {
  const base = document.currentScript.src.replace(/\/[^/]*$/, "");
  const storageKey = "fern-and-kiln.chat";
  const answers = [
    "Hello, this is Mara. A bright spot away from the radiator is best, and let the soil dry before you water again.",
    "Yes, it fits: choose a pot two fingers wider than the roots, and keep the saucer dry.",
    "We deliver on Thursday, and everything travels upright. Anything else I can do for you?",
  ];

  /** A visitor keeps this id for ever; a visit is one tab's session. */
  function visitorID(page) {
    const key = "fern-and-kiln.visitor";
    const id = page.localStorage.getItem(key) ?? page.crypto.randomUUID();
    page.localStorage.setItem(key, id);
    return id;
  }

  function readVisit(page) {
    const autoplay = new URLSearchParams(page.location.search).has("autoplay");
    const stored = page.sessionStorage.getItem(storageKey);
    if (stored && !autoplay) return JSON.parse(stored);
    return {
      session: page.crypto.randomUUID(),
      autoplay, // kept with the visit, because it continues on further pages
      stage: "notice",
      open: false,
      calls: [], // the events reported so far
      messages: [],
      chat: undefined,
      name: undefined,
      email: undefined,
    };
  }

  /** Puts a mistake of the visit's configuration into a call's arguments. */
  function blunder(args, { at, value, function: callable }) {
    const path = at.split("/").slice(1);
    const last = path.pop();
    const parent = path.reduce((place, key) => place[key], args);
    parent[last] = callable ? (amount) => amount.toFixed(2) : value;
  }

  /** Makes the reporter of one page: its track(event) calls the page's function. */
  function reporter(config, visit, page, save) {
    const visitor = visitorID(page);
    let customData;
    function track(event) {
      const before = visit.calls.filter((made) => made === event).length;
      const planned = config.visit.filter((call) => call.event === event)[before];
      const served = visit.chat !== undefined;
      const args = [
        event,
        {
          client_uuid: visitor,
          operator_group_id: config.operator_group_id,
          widget_id: config.widget_id,
          widget_lang: config.widget_lang,
        },
        {
          session_id: visit.session,
          chat_id: visit.chat,
          client_name: visit.name,
          client_email: visit.email,
          operator_id: served ? config.operator.id : undefined,
          operator_name: served ? config.operator.name : undefined,
          custom_data: structuredClone(customData),
        },
      ];
      if (planned?.mistake) blunder(args, planned.mistake);
      visit.calls.push(event);
      save();
      try {
        page.userlikeTrackingEvent?.(...args);
      } catch (error) {
        console.error("userlikeTrackingEvent threw", error); // the site's fault; the chat goes on
      }
    }
    return { track, setCustomData: (data) => void (customData = data) };
  }

  /** What each action of the visitor leads to. */
  function conversation(visit, page, save, track, view) {
    const stage = (name) => {
      visit.stage = name;
      save();
      view.show(visit);
    };
    const say = (from, text) => {
      visit.messages.push({ from, text });
      save();
      view.add(from, text);
    };
    const setOpen = (open) => {
      visit.open = open;
      save();
      view.setOpen(open);
      track(open ? "chat_window_maximized" : "chat_window_minimized");
    };
    const begin = () => {
      visit.messages = [];
      stage("chat");
      say("shop", `Hi ${visit.name}! Ask us anything about plants, pots or your order.`);
    };
    const offerTranscript = () => {
      stage("transcript");
      track("transcript_show");
    };
    return {
      open() {
        if (!visit.calls.includes("chat_requested")) track("chat_requested");
        setOpen(true);
      },
      minimise: () => setOpen(false),
      accept() {
        track("disclaimer_ok");
        stage("connecting");
        connect(track, () => {
          stage("survey");
          track("pre_survey_show");
        });
      },
      survey({ name, email }) {
        Object.assign(visit, { name, email });
        track("pre_survey_submit");
        begin();
      },
      send({ text }) {
        say("contact", text);
        if (visit.chat === undefined) {
          visit.chat = page.crypto.randomUUID();
          track("chat_started");
          track("contact_first_message");
        }
        track("message_operator_terminating");
        answer(visit, view, (reply) => {
          say("operator", reply);
          track("message_client_terminating");
        });
      },
      end() {
        stage("rating");
        track("feedback_rating_show");
      },
      rate({ feedback }) {
        track("rating_submit");
        if (feedback) track("feedback_submit");
        offerTranscript();
      },
      skipRating() {
        track("feedback_rating_cancel");
        offerTranscript();
      },
      transcript() {
        track("transcript_submit");
        stage("thanks");
      },
      skipTranscript() {
        track("transcript_cancel");
        stage("thanks");
      },
      again() {
        visit.chat = undefined;
        begin();
      },
      invalid: () => track("error_message"),
    };
  }

  /** Does what the server would do: looks for a free operator. */
  function connect(track, then) {
    track("slot_check");
    setTimeout(() => {
      track("slot_available");
      track("chat_connected");
      then();
    }, 200);
  }

  /** Answers as the operator would, unless the chat was ended meanwhile. */
  function answer(visit, view, then) {
    const { chat } = visit;
    view.typing(true);
    setTimeout(() => {
      view.typing(false);
      if (visit.stage !== "chat" || visit.chat !== chat) return;
      const asked = visit.messages.filter(({ from }) => from === "contact").length;
      then(answers[(asked - 1) % answers.length]);
    }, 500);
  }

  async function mount(config, page, next) {
    const visit = readVisit(page);
    const save = () => page.sessionStorage.setItem(storageKey, JSON.stringify(visit));
    const { track, setCustomData } = reporter(config, visit, page, save);
    next({ kind: "success", value: { setCustomData } });
    const view = await createView(page.document, `${base}/messenger.css`, (action, data) => actions[action](data));
    const actions = conversation(visit, page, save, track, view);
    if (visit.stage === "connecting") visit.stage = "notice"; // the page was left meanwhile
    view.show(visit);
    view.setOpen(visit.open);
    track("button_displayed");
    if (visit.stage === "chat" && visit.chat !== undefined) track("conversation_resume");
    if (visit.autoplay) {
      await autoplay(config.visit, visit, view, page);
      visit.autoplay = false;
      save();
    }
  }

  window.run = async ({ widget_key }, page) => {
    const response = await fetch(`${base}/${widget_key}.json`, { mode: "cors" });
    if (!response.ok) throw new Error(`no widget has the key ${widget_key}`);
    const config = await response.json();
    return {
      createMessenger: () => async () => ({
        kind: "success",
        value: { version: 2, mount: () => ({ subscribe: (next) => void mount(config, page, next) }) },
      }),
    };
  };
})();
