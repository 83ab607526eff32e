// Another vendor's tag that listens in.
(() => {
  const previous = window.userlikeTrackingEvent;
  window.userlikeTrackingEvent = function (...args) {
    (window.dataLayer ||= []).push("wrapper " + args[0]);
    return previous.apply(this, args);
  };
})();
