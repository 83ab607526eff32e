// Runs inside Firefox's parent process and returns the addresses of the pages whose scripts
// never end. It is put into a block in which "patience" is defined, in ms. It uses frame
// scripts of the browser, which pages cannot see.
(async () => {
  const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
  const name = "userlike-inspector:answers";
  const answers = (browser) => new Promise((resolve) => {
    const { messageManager } = browser;
    if (!messageManager) return resolve(true); // a tab that is not loaded
    const done = (answered) => {
      messageManager.removeMessageListener(name, heard);
      resolve(answered);
    };
    const heard = () => done(true);
    messageManager.addMessageListener(name, heard);
    messageManager.loadFrameScript(`data:,sendAsyncMessage("${name}")`, false);
    setTimeout(() => done(false), patience);
  });
  const stuck = [];
  await Promise.all([...Services.wm.getEnumerator("navigator:browser")].flatMap((w) => w.gBrowser.browsers.map(async (browser) => {
    if (!await answers(browser)) stuck.push(browser.currentURI.spec);
  })));
  return JSON.stringify(stuck);
})();
