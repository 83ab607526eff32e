// Stands for Userlike's client: scripts in the loader's hidden frame that call
// the page's function with values of the frame's realm.
function run({ widget_key }, host) {
  const context = { client_uuid: "4f1c2d9a-client", operator_group_id: 12, widget_id: 34, widget_lang: "de" };
  const visit = sessionVisit(host);
  const call = (event) => host.userlikeTrackingEvent?.(event, context, { session_id: visit, custom_data: { key: widget_key } });
  const container = host.document.createElement("div");
  container.dataset.testId = "userlike-container";
  host.document.body.append(container);
  const steps = ["button_displayed", "chat_requested", "chat_connected", "disclaimer_ok", "chat_started"];
  host.addEventListener("pageshow", ({ persisted }) => { if (persisted) call("chat_window_maximized"); });
  steps.forEach((event, i) => setTimeout(() => call(event), i * 300));
}

function sessionVisit(host) {
  const id = host.sessionStorage.getItem("visit") ?? host.crypto.randomUUID();
  host.sessionStorage.setItem("visit", id);
  return id;
}
