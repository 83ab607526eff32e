client.run("chat_requested", "chat_started");
