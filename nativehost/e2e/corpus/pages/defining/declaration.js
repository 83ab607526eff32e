// Tells the site's analytics what the chat does.
function userlikeTrackingEvent(event_name, global_ctx, session_ctx) {
  (window.dataLayer ||= []).push(event_name);
}
