// Works webhooks off with Supabase's sync engine for Stripe, and prints how long that took as one line of JSON:
//
//   DATABASE_URL=postgres://… node peer.mjs webhooks.json SUBSCRIPTIONS CONNECTIONS
//
// webhooks.json is a list of bodies, oldest first. Before the clock runs its tables are made, and that of subscriptions is filled.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import pg from 'pg'

// Imported as a module it does not find its migrations, and says so to its logger alone.
const { StripeSync, runMigrations } = createRequire(import.meta.url)('@supabase/stripe-sync-engine')

const [, , file, subscriptions, connections] = process.argv
const bodies = JSON.parse(readFileSync(file, 'utf8'))
const secret = 'whsec_bench'
const databaseUrl = process.env.DATABASE_URL
const renewal = 'customer.subscription.updated'

const db = new pg.Client({ connectionString: databaseUrl })
await db.connect()
// Its migrations grant to a role of this name, which is there on most servers.
await db.query('do $$ begin create role postgres; exception when duplicate_object then null; end $$')
let refused
await runMigrations({ databaseUrl, schema: 'stripe', logger: { info() {}, error: (error) => (refused = error) } })
if (refused) throw refused
const sync = new StripeSync({
  poolConfig: { connectionString: databaseUrl, max: Number(connections) },
  stripeSecretKey: 'sk_test_bench', stripeWebhookSecret: secret,
  autoExpandLists: false, backfillRelatedEntities: false, // trust the payload: no request to Stripe
})
await fill(bodies.map((body) => JSON.parse(body)).filter((event) => event.type === renewal))
const all = await run(bodies)
// An event that is not newer than the row changes nothing: let the renewals count once more.
await db.query('update stripe.subscriptions set last_synced_at = null where id not like $1', ['sub_filler%'])
await db.query('update stripe.subscription_items set last_synced_at = null where id not like $1', ['si_filler%'])
await settle()
const renewals = await run(bodies.filter((body) => JSON.parse(body).type === renewal))
console.log(JSON.stringify({ all, renewals }))
await db.end()
await sync.close()

// fill copies the first subscription until the table has as many rows as it shall have when all that renew are in it.
async function fill(events) {
  const mine = new Set(events.map((event) => event.data.object.id))
  const missing = Number(subscriptions) - mine.size
  if (events.length === 0) throw new Error('no subscription renews')
  const { id, items } = events[0].data.object
  await sync.upsertSubscriptions([structuredClone(events[0].data.object)], false, new Date(0).toISOString())
  for (const [table, row, prefix, set] of [
    ['subscriptions', id, 'sub_filler', `'customer', 'cus_filler' || n`],
    ['subscription_items', items.data[0].id, 'si_filler', `'subscription', 'sub_filler' || n`],
  ]) {
    await db.query(`insert into stripe.${table} select (jsonb_populate_record(t, jsonb_build_object('id', '${prefix}' || n, ${set}))).*
      from stripe.${table} t, generate_series(1, $2::int) n where t.id = $1`, [row, missing])
  }
  await settle()
}

// settle does what PostgreSQL would do by itself a minute later.
async function settle() {
  await db.query('vacuum analyze stripe.subscriptions')
  await db.query('vacuum analyze stripe.subscription_items')
}

// run works webhooks off, as many at once as there are connections.
async function run(list) {
  const { webhooks } = sync.stripe
  const signed = list.map((payload) => [payload, webhooks.generateTestHeaderString({ payload, secret })])
  const cpu = process.cpuUsage()
  const start = process.hrtime.bigint()
  let next = 0
  let unknown = 0
  async function work() {
    while (next < signed.length) {
      const [body, signature] = signed[next++]
      try {
        await sync.processWebhook(body, signature)
      } catch (error) {
        if (error.message !== 'Unhandled webhook event') throw error
        unknown++ // it has no table for these, and they cost it nothing
      }
    }
  }
  await Promise.all(Array.from({ length: Number(connections) }, work))
  const took = Number(process.hrtime.bigint() - start)
  const { user, system } = process.cpuUsage(cpu)
  return { webhooks: signed.length, unknown, took, cpu: (user + system) * 1000 }
}
