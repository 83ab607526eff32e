// @ts-check
// Validates records by schema/record.schema.json.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const tooling = createRequire(new URL('../../.ci/package.json', import.meta.url));
const { default: Ajv } = tooling('ajv/dist/2020.js');

const schema = JSON.parse(readFileSync(new URL('../../schema/record.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv({ strict: false });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
ajv.addFormat('json-pointer', /^(?:\/(?:[^~/]|~[01])*)*$/);
ajv.addSchema(schema);
const validate = ajv.getSchema(`${schema.$id}#/$defs/made`);

/** Fails if this version of the extension may not make such a record. @param {unknown} record */
export const assertMade = (record) => {
  assert.ok(validate(record), `${JSON.stringify(record)}: ${ajv.errorsText(validate.errors)}`);
};
