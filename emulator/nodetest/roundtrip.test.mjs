// Every operation that is served, through Stripe's official library for Node: the stories of ../testdata/roundtrips, which the library for Go
// takes too. roundtrip_test.go in the folder above says how they are written, and nodetest_test.go that none is missing.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import Stripe from 'stripe';

const base = new URL(process.env.EMULATOR_URL);
const stories = new URL('../testdata/roundtrips/', import.meta.url);
const tripLine = /^(?:(\w+): )?(GET|POST|DELETE) (\S+)(?: (\{.*\}))? => (\S+(?: [a-z_]+)?)(?: (\{.*\}))? \| ([\w.]+)(?:@(\S+))?(?: \| [\w.]+)?$/;

function parse(line) {
  const m = tripLine.exec(line);
  assert.ok(m, `not a trip: ${line}`);
  const [, name, method, path, params, want, fields, service, version] = m;
  return { name, method, path, params: JSON.parse(params ?? '{}'), want, fields: JSON.parse(fields ?? '{}'), service, version };
}

// within is the value at a path of keys and indexes.
const within = (value, path) => path.split('.').reduce((inner, key) => inner?.[key], value);

// resolver puts what is known in the place of $name, an id, and $name.path.
function resolver(known) {
  const lookUp = (all, name, path) => {
    const found = within(known[name], path.slice(1) || 'id');
    assert.notEqual(found ?? null, null, `${all} is nothing`);
    return found;
  };
  return function resolve(value) {
    if (typeof value === 'string') {
      const whole = /^\$(\w+)((?:\.\w+)*)$/.exec(value);
      return whole ? lookUp(...whole) : value.replace(/\$(\w+)((?:\.\w+)*)/g, lookUp);
    }
    if (Array.isArray(value)) return value.map(resolve);
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
    return value;
  };
}

// request makes the request of a trip: by the method of the library that it names, raw, or past the library to the emulator's own API.
async function request(stripe, key, trip, resolve) {
  const segments = trip.path.split('/');
  const ids = segments.filter((s) => /^[$:]/.test(s)).map((s) => resolve(s.replace(/^:/, '')));
  const params = resolve(trip.params);
  const path = segments.map((s) => resolve(s.replace(/^:/, ''))).join('/');
  if (trip.service === 'control') {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(new URL(path, base), { method: trip.method, headers, body: new URLSearchParams(params) })).json();
  }
  if (trip.service === 'raw') {
    const options = trip.version ? { apiVersion: trip.version } : {};
    if (trip.method === 'POST') return stripe.rawRequest(trip.method, path, params, options);
    const query = new URLSearchParams(params).toString(); // the library takes parameters of a raw POST only
    return stripe.rawRequest(trip.method, query ? `${path}?${query}` : path, null, options);
  }
  const names = trip.service.split('.');
  const action = names.pop();
  const caller = trip.version ? connect(resolve(trip.version)) : stripe; // with a key of its own
  const resource = within(caller, names.join('.'));
  assert.equal(typeof resource?.[action], 'function', `the library has no ${trip.service}`);
  return resource[action](...ids, params);
}

const connect = (key) => new Stripe(key, { host: base.hostname, port: base.port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 });

for (const file of readdirSync(stories).filter((name) => name.endsWith('.txt'))) {
  test(file, async () => {
    const key = `sk_test_node_${file.slice(0, -'.txt'.length)}`;
    const stripe = connect(key);
    const known = {};
    const resolve = resolver(known);
    for (const line of readFileSync(new URL(file, stories), 'utf8').split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const trip = parse(line);
      const [status, code] = trip.want.split(' ');
      if (status.startsWith('4')) {
        await assert.rejects(request(stripe, key, trip, resolve), (err) => err.statusCode === Number(status) && err.code === code, line);
        continue;
      }
      const answer = await request(stripe, key, trip, resolve).catch((err) => assert.fail(`${line}: ${err.message}`));
      if (typeof answer.pipe === 'function') { // a file
        const chunks = [];
        for await (const chunk of answer) chunks.push(chunk);
        assert.equal(Buffer.concat(chunks).subarray(0, 5).toString(), '%PDF-', line);
        continue;
      }
      const got = JSON.parse(JSON.stringify(answer));
      const [kind, element] = trip.want.replace(/>$/, '').split('<');
      if (kind !== 'none') assert.equal(got.object, kind, line);
      if (element) assert.equal(got.data[0]?.object, element, line);
      for (const [path, want] of Object.entries(trip.fields)) assert.deepEqual(within(got, path), resolve(want), `${line}: ${path}`);
      if (trip.name) known[trip.name] = got;
    }
  });
}
