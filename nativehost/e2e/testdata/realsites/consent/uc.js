// Stands for a consent manager: it lets held-back scripts run when the visitor
// agrees, here after three seconds.
setTimeout(() => {
  for (const held of document.querySelectorAll('script[type="text/plain"][data-cookieconsent]')) {
    const script = document.createElement("script");
    for (const { name, value } of held.attributes) if (name !== "type") script.setAttribute(name, value);
    script.text = held.text;
    held.replaceWith(script);
  }
}, 3000);
