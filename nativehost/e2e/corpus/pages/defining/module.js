await new Promise((resolve) => setTimeout(resolve, 20));
globalThis.userlikeTrackingEvent = async (event_name) => { (window.dataLayer ||= []).push(event_name); };
