// What the shop's tag manager would put into the page: every chat event becomes
// an entry of the data layer. A bare assignment, as in the recipes that sites
// copy, which is why this script is not strict.
dataLayer = window.dataLayer || [];
userlikeTrackingEvent = function (event_name, global_ctx, session_ctx) {
  dataLayer.push({
    event: "userlike",
    userlike_event: event_name,
    userlike_widget: global_ctx.widget_id,
    userlike_operator: session_ctx.operator_id,
  });
};
