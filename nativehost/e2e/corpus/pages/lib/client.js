// Plays the client in a page: it calls the page's function, and at the end goes to the next
// page with a report of what the page saw. It takes the built-ins that it needs at once,
// because some pages replace them later.
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

    /** Calls the page's function if there is one, as the real client does. */
    send(name) {
      if (typeof page.userlikeTrackingEvent === 'function') {
        return page.userlikeTrackingEvent(name, globalContext(), sessionContext());
      }
    },

    /**
     * Resolves in a task of its own after so many milliseconds. It waits in many short
     * steps, so that on a busy machine other timers that are due run before it.
     */
    after(ms = 0) {
      return new Promise((resolve) => {
        const step = (left) => setTimeout(() => (left > 0 ? step(left - 10) : resolve()), ms === 0 ? 0 : 10);
        step(ms - 10);
      });
    },

    /** Sends each event in a task of its own, then goes to the next page. */
    async run(...names) {
      for (const name of names) {
        client.send(name);
        await client.after();
      }
      client.done();
    },

    /** Goes to the next page. The report always has what the site's function received. */
    done(saw) {
      const report = stringify({ dataLayer: page.dataLayer ?? null, ...saw });
      location.replace('/next?page=' + encodeURIComponent(pathname) + '&saw=' + encodeURIComponent(report));
    },
  };
})();
