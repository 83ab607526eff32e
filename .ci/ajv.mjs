// Measures Ajv for BenchmarkCheck in schema/. It reads a JSON array of texts from stdin,
// parses and validates them in turn, so many times in all as the first argument says, and
// prints how many nanoseconds that took.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';

const read = (name) => JSON.parse(readFileSync(new URL(`../schema/${name}.schema.json`, import.meta.url), 'utf8'));
const ajv = new Ajv({ strict: false });
ajv.addFormat('idn-email', /^[^\s@]+@[^\s@]+$/);
ajv.addSchema([read('global_ctx'), read('session_ctx')]);
const validate = ajv.compile(read('event'));

const texts = JSON.parse(readFileSync(0, 'utf8'));
const run = (count) => {
  for (let i = 0; i < count; i++) {
    if (!validate(JSON.parse(texts[i % texts.length]))) throw new Error(ajv.errorsText(validate.errors));
  }
};
run(20_000); // so that the JavaScript engine has compiled everything before the measurement
const begin = process.hrtime.bigint();
run(Number(process.argv[2]));
console.log(String(process.hrtime.bigint() - begin));
