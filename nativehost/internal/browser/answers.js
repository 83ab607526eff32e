// Runs inside Firefox's parent process and answers with the addresses of the pages
// whose scripts leave no time for anything else. It is put into a block with "patience", in ms.
// A frame's script is not the page's: nothing of this can be seen there.
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
