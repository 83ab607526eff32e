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
  const { host, manifest, extension, id, url, topic, gone, leave, headless, insecure, fallback, said, downloads } = options;

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
  // It takes the place of the empty page in the tab's history.
  const open = (browser, address) => browser.fixupAndLoadURIString(address, {
    loadFlags: Ci.nsIWebNavigation.LOAD_FLAGS_REPLACE_HISTORY,
    triggeringPrincipal: Services.scriptSecurityManager.createNullPrincipal({}),
  });

  // What befalls pages is told as lines of a file.
  let telling = Promise.resolve();
  const tell = (happening) => {
    if (!headless) return;
    const line = `${JSON.stringify(happening)}\n`;
    telling = telling.then(() => IOUtils.writeUTF8(said, line, { mode: "appendOrCreate" })).catch(() => {});
  };

  // How the first page is opened.
  const first = windows()[0].gBrowser.selectedBrowser;
  let decided = false, status = 0, instead = "", reason = "";
  const decide = (happening) => {
    if (decided) return;
    decided = true;
    tell({ ...happening, instead });
  };
  const failed = (why, certificate) => {
    if (decided) return;
    if (fallback && !instead && !(certificate && Services.io.newURI(url).port !== -1)) {
      instead = url;
      reason = why;
      setTimeout(() => open(first, fallback), 0);
      return;
    }
    decide({ what: "failed", url: instead ? fallback : url, text: why });
  };
  // The browser's own words: the name of the result, and what its error page says.
  const reasonOf = (result) => {
    if (status >= 400) return `the server answered with ${status} and no page`;
    const page = first.documentURI;
    const shown = page?.schemeIs("about") && /^(net|cert)error/.test(page.filePath);
    const words = shown ? new URLSearchParams(page.pathQueryRef.split("?")[1]) : new Map();
    const name = first.securityUI?.secInfo?.errorCodeString
      || Object.keys(Components.results).find((key) => Components.results[key] === result) || words.get("e") || `${result}`;
    if (!shown) return `the server sent no page (${name})`;
    const nss = Cc["@mozilla.org/nss_errors_service;1"].getService(Ci.nsINSSErrorsService);
    let detail = words.get("d")?.trim();
    try {
      detail ||= nss.getErrorMessage(result);
    } catch {} // it is no error of that library
    return [name, detail].filter(Boolean).join(": ");
  };
  const watcher = {
    QueryInterface: ChromeUtils.generateQI(["nsIWebProgressListener", "nsISupportsWeakReference"]),
    onLocationChange(progress, request, location, flags) {
      if (!progress.isTopLevel || location.spec === blank) return;
      if (!(flags & Ci.nsIWebProgressListener.LOCATION_CHANGE_ERROR_PAGE)) {
        decide({ what: "opened", url: location.spec, status, text: reason });
      }
    },
    onStateChange(progress, request, flags, result) {
      const ended = Ci.nsIWebProgressListener.STATE_STOP | Ci.nsIWebProgressListener.STATE_IS_NETWORK;
      if (decided || !progress.isTopLevel || (flags & ended) !== ended || Components.isSuccessCode(result)) return;
      // The error page, or the download that it may be, is told of next. Where the page
      // is still being loaded, it was the empty page before it that ended.
      setTimeout(() => {
        if (!first.webProgress?.isLoadingDocument) failed(reasonOf(result), first.documentURI?.filePath === "certerror");
      }, 1000);
    },
  };
  if (headless || fallback) {
    listeners.add(watcher);
    first.addProgressListener(watcher, Ci.nsIWebProgress.NOTIFY_LOCATION | Ci.nsIWebProgress.NOTIFY_STATE_NETWORK);
  }

  // Certificates of every kind; gone with this process. The service does so only
  // for tests, which it knows by this variable, or for WebDriver, which pages see
  // (security/manager/ssl/nsCertOverrideService.cpp).
  if (insecure) {
    Services.env.set("XPCSHELL_TEST_PROFILE_DIR", "1");
    Cc["@mozilla.org/security/certoverride;1"].getService(Ci.nsICertOverrideService)
      .setDisableAllSecurityChecksAndLetAttackersInterceptMyData(true);
    Services.env.set("XPCSHELL_TEST_PROFILE_DIR", "");
    const defaults = Services.prefs.getDefaultBranch("");
    defaults.setBoolPref("network.stricttransportsecurity.preloadlist", false);
    defaults.setIntPref("security.cert_pinning.enforcement_level", 0);
  }

  // What would wait for a person, in every window that there will be.
  if (headless) {
    Services.obs.addObserver((subject) => {
      const channel = subject.QueryInterface(Ci.nsIHttpChannel);
      if (channel.loadInfo.externalContentPolicyType === Ci.nsIContentPolicy.TYPE_DOCUMENT
        && channel.loadInfo.browsingContext === first.browsingContext) {
        status = channel.responseStatus;
      }
    }, "http-on-examine-response");

    // As somebody would who wants the visit to go on, but agrees to nothing.
    Services.obs.addObserver((dialog) => {
      const { args } = dialog.Dialog;
      const page = args.owningBrowsingContext?.currentWindowGlobal?.documentURI.spec ?? "";
      const buttons = dialog.document.querySelector("dialog");
      const kind = args.inPermitUnload ? "beforeunload" : { alert: "alert", alertCheck: "alert", prompt: "prompt" }[args.promptType] ?? "confirm";
      if (/^prompt(UserAndPass|Password)$/.test(args.promptType)) {
        tell({ what: "login", url: page });
        buttons.cancelDialog();
      } else if (kind === "alert" || kind === "beforeunload") {
        tell({ what: "dialog", dialog: kind, url: page, text: args.text, answer: kind === "alert" ? "OK" : "Leave" });
        buttons.acceptDialog();
      } else {
        tell({ what: "dialog", dialog: kind, url: page, text: args.text, answer: "Cancel" });
        buttons.cancelDialog();
      }
    }, "common-dialog-loaded");

    const { Integration } = load("Integration");
    Integration.contentPermission.register((base) => ({
      __proto__: base,
      createPermissionPrompt(type, request) {
        return {
          prompt() {
            tell({ what: "permission", url: request.principal.origin, text: type });
            request.cancel();
          },
        };
      },
    }));
    const { WebRTCParent } = ChromeUtils.importESModule("resource:///actors/WebRTCParent.sys.mjs");
    const receive = WebRTCParent.prototype.receiveMessage;
    WebRTCParent.prototype.receiveMessage = function (message) {
      if (message.name !== "webrtc:Request") return receive.call(this, message);
      tell({ what: "permission", url: this.manager.documentPrincipal.origin, text: "camera or microphone" });
      return this.denyRequest(message.data);
    };

    // The dialog would stay and stop the page for as long as it does.
    Services.prefs.getDefaultBranch("").setBoolPref("print.enabled", false);
    const defaults = Services.prefs.getDefaultBranch("browser.download.");
    defaults.setIntPref("folderList", 2);
    defaults.setStringPref("dir", downloads);
    const { Downloads } = load("Downloads");
    await (await Downloads.getList(Downloads.ALL)).addView({
      onDownloadAdded(download) {
        const name = PathUtils.filename(download.target.path);
        tell({ what: "download", url: download.source.url, text: name });
        failed(`the server sent a file to save (${name}), not a page`);
        download.finalize(true).catch(() => {});
      },
    });

    const crashes = (w) => w.addEventListener("oop-browser-crashed", (event) => {
      if (event.isTopFrame) tell({ what: "crashed", url: event.target.currentURI.spec });
    });
    windows().forEach(crashes);
    Services.obs.addObserver(crashes, "browser-delayed-startup-finished");
  }
  open(first, url);
  return { id: addon.id };
})().catch((error) => ({ error: String(error) })).then(JSON.stringify);
