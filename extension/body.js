// @ts-check
// Converts the body of a request from the form in which browsers report it to that
// which the host expects: its first bytes, or the fields of a form. Pure.

const MAX_BODY = 131_072;
const MAX_FIELDS = 1000;

/** The size of a text in UTF-8, if it is well-formed. Nothing is encoded for it: the text may be large. @param {string} text */
export const bytesOf = (text) => {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isHalf = unit >= 0xd800 && unit < 0xe000; // of a character of four bytes
    if (unit >= 0x80) bytes += unit < 0x800 || isHalf ? 1 : 2;
  }
  return bytes;
};

const encoder = new TextEncoder();
const encoded = new Uint8Array(MAX_BODY);

/**
 * As many whole characters of a text's beginning as have room.
 * @param {string} text
 * @param {number} room bytes
 */
const headOf = (text, room) => {
  const head = text.slice(0, room); // a character has at least one byte
  return head.slice(0, encoder.encodeInto(head, encoded.subarray(0, room)).read);
};

/** @param {Uint8Array} bytes */
const base64 = (bytes) => {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
};

/** The text of a form's name or value. @param {string | ArrayBuffer} value */
const textOf = (value) => (typeof value === 'string' ? value.toWellFormed() : new TextDecoder().decode(value));

/** A body's size in bytes. @param {any} body as the browser reports it */
export const sizeOf = (body) => {
  let size = 0;
  for (const { bytes } of body?.raw ?? []) size += bytes?.byteLength ?? 0;
  for (const [name, values] of Object.entries(body?.formData ?? {})) {
    const beside = bytesOf(name) + 2; // an equals sign and an ampersand
    for (const value of values) size += beside + (typeof value === 'string' ? bytesOf(value) : value?.byteLength ?? 0);
  }
  return size;
};

/**
 * A form's fields in their order, names and values up to the limit of size. The order lets the
 * host put JSON together again that Firefox has taken for a form.
 * @param {any} body as the browser reports it
 */
const formOf = (body) => {
  /** @type {Record<string, string[]>} */
  const form = Object.create(null); // a field may have any name
  let kept = 0;
  let count = 0;
  for (const [name, values] of Object.entries(body.formData)) {
    for (const value of values) {
      if (kept >= MAX_BODY || ++count > MAX_FIELDS) continue;
      const key = headOf(textOf(name), MAX_BODY - kept);
      kept += bytesOf(key);
      const part = headOf(textOf(value), MAX_BODY - kept);
      kept += bytesOf(part) + 2;
      (form[key] ??= []).push(part);
    }
  }
  const whole = sizeOf(body);
  return { body: { form }, ...kept < whole ? { size: whole } : {} };
};

/**
 * A request's body in the form that the host expects.
 * @param {any} body as the browser reports it
 * @returns {{body?: object, size?: number}}
 */
export const bodyOf = (body) => {
  if (!body) return {};
  if (body.formData) return formOf(body);
  if (body.error) return { body: { unreadable: true } };
  /** @type {{bytes?: ArrayBuffer, file?: string}[]} */
  const raw = body.raw ?? [];
  if (raw.length === 0) return {};
  const size = sizeOf(body);
  if (size === 0) return raw.some(({ file }) => file !== undefined) ? { body: { unreadable: true } } : {};
  const bytes = new Uint8Array(Math.min(size, MAX_BODY));
  let at = 0;
  for (const { bytes: part } of raw) {
    if (part === undefined || at === bytes.length) continue;
    const head = new Uint8Array(part, 0, Math.min(part.byteLength, bytes.length - at));
    bytes.set(head, at);
    at += head.length;
  }
  return { body: { bytes: base64(bytes) }, ...size > bytes.length ? { size } : {} };
};
