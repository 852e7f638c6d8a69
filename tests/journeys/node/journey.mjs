// The whole way of a payment with Stripe's own client for Node, unmodified: asked for, paid at the cashier, heard of by
// webhook, given back in parts, passed on to a seller and paid out. Prints what it saw as one line of JSON.
import http from "node:http";
import Stripe from "stripe";

const [port, key, account] = process.argv.slice(2);
const stripe = new Stripe(key, { host: "127.0.0.1", port: Number(port), protocol: "http" });
const seen = { events: [], errors: {} };

// -- a server that hears of events, and believes only what is signed -------------------------------------------------
let secret = "";
const heard = [];
const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    try {
      heard.push(stripe.webhooks.constructEvent(Buffer.concat(parts), request.headers["stripe-signature"], secret));
      response.end("heard");
    } catch (error) {
      seen.errors.forged = error.type;
      response.writeHead(400).end();
    }
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

async function event(type, fits = () => true) {
  for (const until = Date.now() + 30_000; Date.now() < until; await new Promise((later) => setTimeout(later, 50))) {
    const found = heard.find((each) => each.type === type && fits(each.data.object));
    if (found) return found;
  }
  throw new Error(`no ${type} in ${heard.map((each) => each.type)} after ${JSON.stringify(seen)}`);
}

async function refusal(call) {
  try {
    await call();
  } catch (error) {
    return [error.constructor.name.replace(/^_/, ""), error.statusCode, error.code ?? null, error.param ?? null];
  }
  throw new Error("not refused");
}

async function visit(url, method) {
  const phone = { "User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile" };
  for (let hops = 0; hops < 5; hops++) {
    const answer = await fetch(url, { method, headers: phone, redirect: "manual" });
    const next = answer.headers.get("location");
    if (!next || method === "POST") return { status: answer.status, url, next };
    url = new URL(next, url).href;
  }
  throw new Error("too many redirects");
}

const own = `http://127.0.0.1:${server.address().port}`;
const endpoint = await stripe.webhookEndpoints.create({ url: `${own}/hook`, enabled_events: ["*"] });
secret = endpoint.secret;

// -- asked for and paid ---------------------------------------------------------------------------------------------------
const customer = await stripe.customers.create({ name: "买菜的人", metadata: { from: "node" } });
const intent = await stripe.paymentIntents.create({
  amount: 10_000, currency: "cny", customer: customer.id, payment_method_types: ["alipay"], metadata: { order: "n-1" },
});
const confirmed = await stripe.paymentIntents.confirm(intent.id, {
  payment_method_data: { type: "alipay" }, return_url: `${own}/back`,
});
const cashier = await visit(confirmed.next_action.alipay_handle_redirect.url, "GET");
seen.cashier = [cashier.status, (await visit(cashier.url, "POST")).status];
const paid = await event("payment_intent.succeeded", (each) => each.id === intent.id);
seen.paid = [paid.data.object.status, paid.data.object.amount_received, paid.data.object.metadata.order, paid.api_version];

// -- given back in parts -----------------------------------------------------------------------------------------------------
const part = await stripe.refunds.create({ payment_intent: intent.id, amount: 1_000 }, { idempotencyKey: "node-part" });
const again = await stripe.refunds.create({ payment_intent: intent.id, amount: 1_000 }, { idempotencyKey: "node-part" });
seen.repeated = part.id === again.id;
await event("refund.updated", (each) => each.id === part.id && each.status === "succeeded");

// -- passed on and paid out ---------------------------------------------------------------------------------------------------
const charge = await stripe.charges.retrieve((await stripe.paymentIntents.retrieve(intent.id)).latest_charge);
const transfer = await stripe.transfers.create({
  amount: 4_850, currency: "cny", destination: account, source_transaction: charge.id,
});
const payout = await stripe.payouts.create({ amount: 4_850, currency: "cny" }, { stripeAccount: account });
for (const until = Date.now() + 30_000; ; await new Promise((later) => setTimeout(later, 50))) {
  seen.payout = (await stripe.payouts.retrieve(payout.id, {}, { stripeAccount: account })).status;
  if (!["pending", "in_transit"].includes(seen.payout) || Date.now() > until) break;
}
await stripe.transfers.createReversal(transfer.id);

const rest = await stripe.refunds.create({ charge: charge.id });
await event("refund.updated", (each) => each.id === rest.id && each.status === "succeeded");
const whole = await stripe.paymentIntents.retrieve(intent.id, { expand: ["latest_charge.refunds", "customer"] });
seen.whole = [whole.latest_charge.refunded, whole.latest_charge.refunds.data.length, whole.customer.name];

// -- what the client makes of refusals, lists and versions --------------------------------------------------------------------
seen.refusals = [
  await refusal(() => stripe.refunds.create({ charge: charge.id })),
  await refusal(() => stripe.paymentIntents.retrieve("pi_none")),
  await refusal(() => stripe.paymentIntents.create({ amount: 0, currency: "cny" })),
  await refusal(() => stripe.paymentIntents.create({ amount: 5, currency: "cny" }, { idempotencyKey: "node-part" })),
  await refusal(() => new Stripe(`${key}x`, { host: "127.0.0.1", port, protocol: "http" }).balance.retrieve()),
];
for (let number = 0; number < 4; number++) await stripe.paymentIntents.create({ amount: 100 + number, currency: "cny" });
seen.amounts = [];
for await (const each of stripe.paymentIntents.list({ limit: 2, created: { gte: 0 } })) seen.amounts.push(each.amount);
const canceled = await stripe.paymentIntents.cancel((await stripe.paymentIntents.list({ limit: 1 })).data[0].id);
seen.canceled = [canceled.status, canceled.cancellation_reason];
const session = await stripe.checkout.sessions.create({
  mode: "payment", success_url: `${own}/done?s={CHECKOUT_SESSION_ID}`,
  line_items: [{ quantity: 2, price_data: { currency: "cny", unit_amount: 350, product_data: { name: "红菜薹" } } }],
});
seen.session = [session.status, session.amount_total, session.url.startsWith(`http://127.0.0.1:${port}/`)];
await stripe.webhookEndpoints.del(endpoint.id);

await fetch(`${own}/hook`, { method: "POST", headers: { "stripe-signature": "t=1,v1=00" }, body: "{}" });
seen.events = [...new Set(heard.map((each) => each.type))].sort();
server.close();
server.closeAllConnections();
console.log(JSON.stringify(seen));
