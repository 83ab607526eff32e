// What the shop's tag manager would put into the page: every chat event becomes an entry
// of the data layer and is sent to the shop's collector, which is at another address. The
// names are assigned without a declaration, as in the recipes that sites copy, so this
// script must not be strict. It makes the three mistakes that Slips in visit.go lists, and
// one that no visit shows but a simulation does: it needs an operator's name, which may be
// missing.
const shopCollector = document.currentScript.dataset.collector;
const shopCollect = (hit) => navigator.sendBeacon(shopCollector, JSON.stringify(hit));

dataLayer = window.dataLayer || [];
userlikeTrackingEvent = function (event_name, global_ctx, session_ctx) {
  dataLayer.push({
    event: "userlike",
    userlike_event: event_name,
    userlike_widget: global_ctx.widget_id,
    userlike_operator: session_ctx.operator_id,
  });
  if (event_name === "pre_survey_submit") return; // a mistake: it is not sent to the collector
  const hit = { event: event_name, widget: global_ctx.widget_id, session: session_ctx.session_id };
  if (event_name === "post_survey_submit") hit.operator = session_ctx.operator_name.split(" ")[0];
  if (event_name === "chat_requested") hit.email = session_ctx.client_email; // a mistake: the contact has not agreed yet
  shopCollect(hit);
  if (event_name === "rating_submit") shopCollect(hit); // a mistake: it is sent twice
};
