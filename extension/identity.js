// @ts-check
// Names the browser and this installation of the extension.

export const browserInfo = async () => {
  /** @type {any} */
  const { runtime } = chrome;
  if (runtime.getBrowserInfo) {
    const { name, version } = await runtime.getBrowserInfo();
    return { name, version };
  }
  /** @type {{brand: string, version: string}[]} */
  const brands = /** @type {any} */ (navigator).userAgentData?.brands ?? [];
  // The list has the browser's own name, "Chromium", and a meaningless one:
  // https://wicg.github.io/ua-client-hints/#grease
  const named = brands.filter((b) => !/not.*brand/i.test(b.brand));
  const own = named.find((b) => b.brand !== 'Chromium') ?? named[0];
  const full = await /** @type {any} */ (navigator).userAgentData?.getHighEntropyValues(['fullVersionList']);
  const version = full?.fullVersionList?.find((/** @type {any} */ b) => b.brand === own?.brand)?.version;
  return { name: own?.brand ?? 'Chromium', version: version ?? own?.version ?? '' };
};

/** A random id of this installation; it names no person. */
export const profile = async () => {
  const saved = await chrome.storage.local.get('profile');
  if (typeof saved.profile === 'string') return saved.profile;
  const id = crypto.randomUUID();
  await chrome.storage.local.set({ profile: id });
  return id;
};
