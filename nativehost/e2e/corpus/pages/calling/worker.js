postMessage(["chat_requested", { widget_id: 2 }, {}]);
postMessage(["chat_started", { widget_id: 2 }, { since: new Date(Date.UTC(2026, 0, 1)) }]);
postMessage("done");
