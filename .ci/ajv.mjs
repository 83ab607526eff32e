// Measures Ajv for the benchmark BenchmarkCheck in schema/: reads a JSON array of
// texts from stdin, parses and validates them in turn, as often as the first
// argument says, and prints the nanoseconds that it took.
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
run(20_000); // the compiler of JavaScript has seen it by then
const begin = process.hrtime.bigint();
run(Number(process.argv[2]));
console.log(String(process.hrtime.bigint() - begin));
