// The client's part in a page: it calls the page's function, and when it is
// done, goes on to the next page with what the page saw. It takes what it needs
// at once, because some pages patch everything afterwards.
const client = (() => {
  'use strict';
  const { stringify } = JSON;
  const { encodeURIComponent, setTimeout, Promise, location } = window;
  const { pathname } = location;
  const page = window;

  const globalContext = () => ({ client_uuid: 'c-1', operator_group_id: 1, widget_id: 2, widget_lang: 'en' });
  const sessionContext = () => ({ session_id: 's-1' });

  return {
    globalContext,
    sessionContext,

    /** Calls as the real client does: only what it finds. */
    send(name) {
      if (typeof page.userlikeTrackingEvent === 'function') {
        return page.userlikeTrackingEvent(name, globalContext(), sessionContext());
      }
    },

    /**
     * Resolves in a task of its own, that much later. It waits in many steps, so
     * that on a busy machine others whose time has come have their turn before.
     */
    after(ms = 0) {
      return new Promise((resolve) => {
        const step = (left) => setTimeout(() => (left > 0 ? step(left - 10) : resolve()), ms === 0 ? 0 : 10);
        step(ms - 10);
      });
    },

    /** Sends each in a task of its own, then is done. */
    async run(...names) {
      for (const name of names) {
        client.send(name);
        await client.after();
      }
      client.done();
    },

    /** Goes on to the next page. What the site's own function heard is always compared. */
    done(saw) {
      const report = stringify({ dataLayer: page.dataLayer ?? null, ...saw });
      location.replace('/next?page=' + encodeURIComponent(pathname) + '&saw=' + encodeURIComponent(report));
    },
  };
})();
