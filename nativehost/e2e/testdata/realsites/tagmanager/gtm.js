// Stands for a tag manager: one tag defines the function, another adds the
// widget, as the recipes for it say.
setTimeout(() => {
  const tag = document.createElement("script");
  tag.text = `userlikeTrackingEvent = function (event_name, global_ctx, session_ctx) {
    dataLayer.push({ event: "Userlike_Action", ChatAction: event_name, ChatWidgetID: global_ctx.widget_id, ChatOperatorID: session_ctx.operator_id });
  };`;
  document.head.append(tag);
  const widget = document.createElement("script");
  widget.async = true;
  widget.src = "https://userlike-cdn-widgets.s3-eu-west-1.amazonaws.com/a1b2c3.js";
  document.head.append(widget);
}, 500);
