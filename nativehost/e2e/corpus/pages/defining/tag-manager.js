// As tag managers add custom HTML: parsed into a holder, scripts made anew so
// that they run, the holder removed.
setTimeout(() => {
  const holder = document.createElement("div");
  holder.style.display = "none";
  document.body.append(holder);
  const tag = document.createElement("script");
  tag.text = "userlikeTrackingEvent = function (event_name, global_ctx, session_ctx) { dataLayer.push({ event: event_name, widget: global_ctx.widget_id }); };";
  holder.append(tag);
  holder.remove();
}, 10);
