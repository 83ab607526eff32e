// Runs once inside Firefox's parent process, in a sandbox of its own that
// outlives every window; "options" is put before it. Firefox has no public way
// to do these things that leaves the page alone: WebDriver (Marionette, BiDi)
// makes navigator.webdriver true for as long as it listens.
(async () => {
  const { classes: Cc, interfaces: Ci } = Components;
  const load = (module) => ChromeUtils.importESModule(`resource://gre/modules/${module}.sys.mjs`);
  const { NativeManifests } = load("NativeManifests");
  const { AddonManager } = load("AddonManager");
  const { setTimeout } = load("Timer");
  const { ExtensionPermissions } = load("ExtensionPermissions");
  const { host, manifest, extension, id, url, topic, gone, leave } = options;

  // The host is registered in this process alone: no folder of the user's is
  // written, and on Windows no registry key.
  const lookup = NativeManifests.lookupManifest;
  NativeManifests.lookupManifest = async function (type, name, context) {
    if (type !== "stdio" || name !== host) {
      return lookup.apply(this, arguments);
    }
    await this.init();
    const json = await IOUtils.readJSON(manifest).catch(() => null); // it was taken away
    const parsed = json && await this.parseManifest(type, manifest, name, context, json);
    return parsed && { path: manifest, manifest: parsed };
  };

  const folder = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  folder.initWithPath(extension);
  // Private windows, too: who inspects a site wants to see it there as well.
  await ExtensionPermissions.add(id, { permissions: ["internal:privateBrowsingAllowed"], origins: [] });
  const addon = await AddonManager.installTemporaryAddon(folder);

  // Pages must be gone, and what they said last delivered, before the quit
  // begins: it ends extensions first. So the closing of the last window (by
  // the user, too) is not yet the end, and neither is the user's "Quit".
  const windows = () => [...Services.wm.getEnumerator("navigator:browser")];
  const blank = "about:blank";
  // What a page says as its tab is removed is often dropped; what it says as it
  // makes room for another one of the same process is not.
  const listeners = new Set(); // which the browser itself would let be collected
  const leavePage = (browser) => new Promise((resolve) => {
    const listener = {
      QueryInterface: ChromeUtils.generateQI(["nsIWebProgressListener", "nsISupportsWeakReference"]),
      onLocationChange(progress, request, location) {
        if (!progress.isTopLevel || location.spec !== blank) return;
        browser.removeProgressListener(listener);
        listeners.delete(listener);
        resolve();
      },
    };
    listeners.add(listener);
    browser.addProgressListener(listener, Ci.nsIWebProgress.NOTIFY_LOCATION);
    browser.fixupAndLoadURIString(blank, { triggeringPrincipal: browser.contentPrincipal });
  });
  let closing = false, removing = false;
  const closePages = async () => {
    if (closing) return;
    closing = true;
    // Or a page's last listener would be stopped, for the user not to wait.
    Services.prefs.getDefaultBranch("").setBoolPref("dom.ipc.cancel_content_js_when_navigating", false);
    const leaving = windows().flatMap((w) => w.gBrowser.browsers.map(leavePage));
    // A page may ask its user first, or go elsewhere again and again.
    await Promise.race([Promise.all(leaving), new Promise((resolve) => setTimeout(resolve, leave))]);
    removing = true;
    for (const w of windows()) {
      w.gBrowser.removeTabs([...w.gBrowser.tabs], {
        animate: false,
        skipPermitUnload: true,
        suppressWarnAboutClosingWindow: true,
      });
    }
  };
  Services.startup.enterLastWindowClosingSurvivalArea();
  Services.obs.addObserver(() => {
    if (windows().every((w) => w.closed)) IOUtils.writeUTF8(gone, "");
  }, "domwindowclosed");
  Services.obs.addObserver((cancel) => {
    if (removing) return; // Firefox asks whether the last window may go
    cancel.QueryInterface(Ci.nsISupportsPRBool).data = true;
    closePages();
  }, "quit-application-requested");
  Services.obs.addObserver(closePages, topic);

  if (!windows().length) {
    await new Promise((resolve) => {
      Services.obs.addObserver(function ready() {
        Services.obs.removeObserver(ready, "browser-delayed-startup-finished");
        resolve();
      }, "browser-delayed-startup-finished");
    });
  }
  windows()[0].gBrowser.selectedBrowser.fixupAndLoadURIString(url, {
    triggeringPrincipal: Services.scriptSecurityManager.createNullPrincipal({}),
  });
  return { id: addon.id };
})().catch((error) => ({ error: String(error) })).then(JSON.stringify);
