// The widget's own tag, which is all that a site has to add: it makes the
// loader's frame and runs the client in it.
(async () => {
  const base = new URL(".", document.currentScript.src);
  const scripts = await (await fetch(new URL("umm-manifest.json", base))).json();
  const frame = document.createElement("iframe");
  frame.id = `userlike-frame-${crypto.randomUUID()}`;
  frame.hidden = true;
  document.body.append(frame);
  for (const src of scripts) {
    const script = frame.contentDocument.createElement("script");
    script.src = src;
    const loaded = new Promise((resolve) => script.addEventListener("load", resolve));
    frame.contentDocument.head.append(script);
    await loaded;
  }
  frame.contentWindow.run({ widget_key: "a1b2c3", base_url: base.href }, window);
})();
