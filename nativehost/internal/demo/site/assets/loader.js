"use strict";
// Loads the chat as @userlike/messenger does: a hidden frame of the page's own
// origin, the scripts of the manifest inside it, and the frame's run called
// with the page's window.

/**
 * @param {{widgetKey: string, baseUrl: string}} options
 * @returns {Promise<any>} the result of the client's run, which has the chat's API
 */
async function createMessenger({ widgetKey, baseUrl }) {
  const response = await fetch(`${baseUrl}/umm-manifest.json`, { mode: "cors" });
  if (!response.ok) throw new Error(`the chat's manifest: ${response.status} ${response.statusText}`);
  const [scripts, frame] = [await response.json(), await hiddenFrame()];
  for (const src of scripts) await addScript(frame.contentDocument, src);
  const client = await frame.contentWindow.run({ widget_key: widgetKey }, window);
  return client.createMessenger(2)({ widget_key: widgetKey });
}

function hiddenFrame() {
  const frame = document.createElement("iframe");
  frame.id = `userlike-frame-${crypto.randomUUID()}`;
  frame.title = "Empty frame";
  frame.tabIndex = -1;
  frame.setAttribute("aria-hidden", "true");
  frame.className = "userlike-frame";
  return new Promise((resolve) => {
    frame.addEventListener("load", () => resolve(frame), { once: true });
    document.body.append(frame);
  });
}

function addScript(doc, src) {
  const script = doc.createElement("script");
  script.src = src;
  return new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = () => reject(new Error(`the chat's script ${src} could not be loaded`));
    doc.head.append(script);
  });
}
