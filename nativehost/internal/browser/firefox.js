// Runs once inside Firefox's parent process, in a sandbox that outlives every window. A
// definition of "options" is put before it. Firefox has no public interface for this that
// pages cannot notice: WebDriver (Marionette, BiDi) makes navigator.webdriver true.
(async () => {
  const { classes: Cc, interfaces: Ci } = Components;
  const load = (module) => ChromeUtils.importESModule(`resource://gre/modules/${module}.sys.mjs`);
  const { NativeManifests } = load("NativeManifests");
  const { AddonManager } = load("AddonManager");
  const { setTimeout } = load("Timer");
  const { ExtensionPermissions } = load("ExtensionPermissions");
  const { host, manifest, extension, id, url, topic, gone, leave, again, silent, headless, insecure, fallback, said, downloads } = options;

  // The host is registered only in this process. No folder of the user is changed, and on
  // Windows no registry key.
  const lookup = NativeManifests.lookupManifest;
  NativeManifests.lookupManifest = async function (type, name, context) {
    if (type !== "stdio" || name !== host) {
      return lookup.apply(this, arguments);
    }
    await this.init();
    const json = await IOUtils.readJSON(manifest).catch(() => null); // it was removed
    const parsed = json && await this.parseManifest(type, manifest, name, context, json);
    return parsed && { path: manifest, manifest: parsed };
  };

  const folder = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  folder.initWithPath(extension);
  // Also in private windows, where testers inspect sites, too.
  await ExtensionPermissions.add(id, { permissions: ["internal:privateBrowsingAllowed"], origins: [] });
  const addon = await AddonManager.installTemporaryAddon(folder);

  // When Firefox quits, it ends extensions before pages (at appShutdownConfirmed, see startup()
  // in toolkit/mozapps/extensions/internal/XPIProvider.sys.mjs). So all pages must be closed
  // and their last messages delivered before. Therefore neither closing the last window nor
  // "Quit" ends the browser at once, also when the user does it.
  const windows = () => [...Services.wm.getEnumerator("navigator:browser")];
  const blank = "about:blank";
  // Messages that a page sends while its tab is removed are often lost. Those that it sends
  // while another page of the same process replaces it are not (measured).
  const listeners = new Set(); // kept here, as the browser would let them be garbage-collected
  const leavePage = (browser) => new Promise((resolve) => {
    let left = false;
    const listener = {
      QueryInterface: ChromeUtils.generateQI(["nsIWebProgressListener", "nsISupportsWeakReference"]),
      onLocationChange(progress, request, location) {
        if (!progress.isTopLevel || location.spec !== blank) return;
        browser.removeProgressListener(listener);
        listeners.delete(listener);
        left = true;
        resolve();
      },
    };
    listeners.add(listener);
    browser.addProgressListener(listener, Ci.nsIWebProgress.NOTIFY_LOCATION);
    const go = (pause) => {
      if (left || removing) return;
      // Not browser.loadURI, which stops the page's scripts, so that the user need not wait
      // (maybeCancelContentJSExecution in RemoteWebNavigation.sys.mjs).
      browser.browsingContext.loadURI(Services.io.newURI(blank), { triggeringPrincipal: browser.contentPrincipal });
      // The page may have cancelled our navigation, so we retry, at growing intervals: each
      // retry cancels the last.
      setTimeout(go, pause, 2 * pause);
    };
    go(again);
  });
  let closing = false, removing = false;
  const closePages = async () => {
    if (closing) return;
    closing = true;
    // From now on, pages cannot load further documents.
    Services.obs.addObserver((subject) => {
      const channel = subject.QueryInterface(Ci.nsIHttpChannel);
      if (channel.loadInfo.externalContentPolicyType === Ci.nsIContentPolicy.TYPE_DOCUMENT) channel.cancel(Components.results.NS_BINDING_ABORTED);
    }, "http-on-modify-request");
    const leaving = windows().flatMap((w) => w.gBrowser.browsers.map(leavePage));
    // A page may ask its user first, so wait only for a while.
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
    if (removing) return; // Firefox asks whether the last window may be closed
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
  // It replaces the empty page in the tab's history.
  const open = (browser, address) => browser.fixupAndLoadURIString(address, {
    loadFlags: Ci.nsIWebNavigation.LOAD_FLAGS_REPLACE_HISTORY,
    triggeringPrincipal: Services.scriptSecurityManager.createNullPrincipal({}),
  });

  // What happens to pages is written to a file, one line each.
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
  // The browser's own text: the name of the error, and what its error page says.
  const reasonOf = () => {
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
    } catch {} // it is not an error of this library
    return [name, detail].filter(Boolean).join(": ");
  };
  let result = 0; // how its load ended
  const giveUp = () => failed(reasonOf(), first.documentURI?.filePath === "certerror");
  const watcher = {
    QueryInterface: ChromeUtils.generateQI(["nsIWebProgressListener", "nsISupportsWeakReference"]),
    onLocationChange(progress, request, location, flags) {
      if (!progress.isTopLevel || location.spec === blank) return;
      if (flags & Ci.nsIWebProgressListener.LOCATION_CHANGE_ERROR_PAGE) giveUp();
      else decide({ what: "opened", url: location.spec, status, text: reason });
    },
    onStateChange(progress, request, flags, how) {
      const ended = Ci.nsIWebProgressListener.STATE_STOP | Ci.nsIWebProgressListener.STATE_IS_NETWORK;
      if (decided || !progress.isTopLevel || (flags & ended) !== ended || Components.isSuccessCode(how)) return;
      result = how;
      // Most errors have a page, and some ends a download, which are reported next. If a page is
      // still being loaded, only the empty page before it has ended.
      setTimeout(() => {
        if (!first.webProgress?.isLoadingDocument) giveUp();
      }, how === Components.results.NS_BINDING_ABORTED ? silent : 6 * silent);
    },
  };
  if (headless || fallback) {
    listeners.add(watcher);
    first.addProgressListener(watcher, Ci.nsIWebProgress.NOTIFY_LOCATION | Ci.nsIWebProgress.NOTIFY_STATE_NETWORK);
  }

  // Accepts every certificate, until this process ends. The service allows that only for
  // tests, for which this variable must be set, or with WebDriver, which pages can notice
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

  // Handles what would wait for a person, in all present and future windows.
  if (headless) {
    Services.obs.addObserver((subject) => {
      const channel = subject.QueryInterface(Ci.nsIHttpChannel);
      if (channel.loadInfo.externalContentPolicyType === Ci.nsIContentPolicy.TYPE_DOCUMENT
        && channel.loadInfo.browsingContext === first.browsingContext) {
        status = channel.responseStatus;
      }
    }, "http-on-examine-response");

    // Answers like a person who wants the visit to continue, but agrees to nothing.
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

    // The print dialog would stay open and block the page.
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

    // Each event lists all of the page's blocked windows again.
    const blocked = new WeakMap();
    const popups = (w) => w.gBrowser.addEventListener("DOMUpdateBlockedPopups", async ({ target }) => {
      const all = await (target.popupAndRedirectBlocker ?? target.popupBlocker).getBlockedPopups();
      const page = target.browsingContext.currentWindowGlobal;
      for (const popup of all.slice(blocked.get(page) ?? 0)) tell({ what: "popup", url: page.documentURI.spec, text: popup.popupWindowURISpec });
      blocked.set(page, all.length);
    });

    const crashes = (w) => w.addEventListener("oop-browser-crashed", (event) => {
      if (event.isTopFrame) tell({ what: "crashed", url: event.target.currentURI.spec });
    });
    for (const watch of [popups, crashes]) {
      windows().forEach(watch);
      Services.obs.addObserver(watch, "browser-delayed-startup-finished");
    }
  }
  open(first, url);
  return { id: addon.id };
})().catch((error) => ({ error: String(error) })).then(JSON.stringify);
