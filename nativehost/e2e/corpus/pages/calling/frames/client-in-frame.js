// Runs in a frame and is handed the window of the page.
window.run = (options, parentWindow) => {
  parentWindow.userlikeTrackingEvent(
    "chat_started",
    { client_uuid: "c-1", widget_id: 2 },
    { custom_data: { at: new Date(Date.UTC(2026, 0, 1)), basket: [1, 2], map: new Map([[1, 2]]), none: undefined } },
  );
};
