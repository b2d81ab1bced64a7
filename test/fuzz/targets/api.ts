/**
 * Requests over the API's socket to a running guard: paths, queries and bodies gone wrong, several
 * to the same guard. Never a defect, never an answer against the contract; the journal and the kernel
 * agree afterwards, and the broker was asked nothing that is no request, which would end the guard.
 */
import fc from "fast-check";
import { z } from "zod";
import { API_PATHS, faultViewSchema } from "../../../src/api/contract.ts";
import { ROUTES } from "../../../src/api/routes/all.ts";
import { createApi } from "../../../src/api/server.ts";
import { anyCharacter } from "../any-character.ts";
import { type Json, mutatedJson, NASTY_ADDRESSES } from "../mutated-json.ts";
import { LEFT_OVER, RunningGuard } from "../running-guard.ts";
import { fuzzTarget, promise } from "../target.ts";
import { checkBroker } from "./broker.ts";

const address = fc.constantFrom("192.0.2.7", "2001:db8::/64", ...NASTY_ADDRESSES);
const body = fc.oneof<fc.Arbitrary<Json>[]>(
  fc.record({ address, for_seconds: fc.constantFrom(1, 315_360_000), reason: fc.string() }),
  fc.record({ address }),
  fc.record({ confirm_seconds: fc.integer({ min: 1, max: 86_400 }) }),
);
const parameterName = fc.oneof(
  fc.constantFrom("all", "limit", "after", "address", "evidence", "family"),
  fc.string({ unit: anyCharacter }),
);
const query = fc.oneof(
  fc.constant(""),
  fc.constantFrom(
    "?all=1",
    "?limit=1",
    "?limit=1e9",
    "?limit=-1",
    "?limit=NaN",
    "?all=1&address=x",
  ),
  fc
    .oneof(address, fc.string())
    .map((each) => `?address=${encodeURIComponent(each.toWellFormed())}`),
  fc
    .array(fc.tuple(parameterName, fc.string({ unit: anyCharacter })), { maxLength: 4 })
    .map((each) => `?${new URLSearchParams(each)}`),
);

type Texts = fc.Arbitrary<string>;

const wild = fc.record({
  method: fc.constantFrom("GET", "HEAD", "POST", "POST", "POST", "DELETE", "PUT", "OPTIONS"),
  path: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<string>(...Object.values(API_PATHS)) },
    {
      weight: 1,
      arbitrary: fc.string({ unit: anyCharacter }).map((each) => `/${encodeURI(each)}`),
    },
  ),
  query,
  body: mutatedJson(body),
  type: fc.constantFrom("application/json", "text/plain", "multipart/form-data; boundary=x", ""),
  mayChange: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
});

/** Few sources, so that one request meets what another has done. */
const source = fc.constantFrom(LEFT_OVER, "10.7.0.1", "10.7.0.0/30", "2001:db8:7::7", "192.0.2.1");
const forSeconds = fc.constantFrom({}, { for_seconds: 1 }, { for_seconds: 3600 });
const addressed = fc
  .tuple(source, forSeconds)
  .map(([each, seconds]) => JSON.stringify({ address: each, ...seconds }));
const ofSource = (name: string) => source.map((each) => `?${name}=${encodeURIComponent(each)}`);

const sensibleOf = (
  method: "GET" | "POST" | "DELETE",
  path: string,
  {
    query = fc.constant(""),
    body = fc.constant(""),
  }: Partial<Record<"query" | "body", Texts>> = {},
) =>
  fc.record({
    method: fc.constant(method),
    path: fc.constant(path),
    query,
    body,
    type: fc.constant("application/json"),
    mayChange: fc.constant(true),
  });

const sensible = fc.oneof(
  sensibleOf("GET", API_PATHS.status),
  sensibleOf("GET", API_PATHS.bans, {
    query: fc.oneof(fc.constantFrom("", "?limit=1", "?limit=2"), ofSource("after")),
  }),
  sensibleOf("GET", API_PATHS.banList, {
    query: fc.constantFrom("", "?evidence=claimed", "?evidence=proven&family=6"),
  }),
  sensibleOf("GET", API_PATHS.blocklisted, { query: ofSource("address") }),
  sensibleOf("GET", API_PATHS.why, { query: ofSource("address") }),
  sensibleOf("GET", API_PATHS.trusted),
  sensibleOf("POST", API_PATHS.bans, { body: addressed }),
  sensibleOf("POST", API_PATHS.bans, { body: addressed }),
  sensibleOf("POST", API_PATHS.trusted, { body: addressed }),
  sensibleOf("DELETE", API_PATHS.bans, {
    query: fc.oneof(fc.constant("?all=1"), ofSource("address")),
  }),
  sensibleOf("POST", API_PATHS.confirm),
  sensibleOf("POST", API_PATHS.reload),
  sensibleOf("POST", API_PATHS.apply, { body: fc.constant('{"confirm_seconds":60}') }),
);

const requests = fc.oneof(wild, sensible);

const sessions = fc.array(requests, { minLength: 1, maxLength: 10 });

/** What each path answers with when all went well, by method. */
const VIEWS: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  ROUTES.map(({ method, path, reply }) => [`${method} ${path}`, reply]),
);

type AskedOf = typeof requests extends fc.Arbitrary<infer Each> ? Each : never;

async function ask(guard: RunningGuard, request: AskedOf): Promise<void> {
  const { method, path, type, mayChange } = request;
  const defects: unknown[] = [];
  const app = createApi(guard.operator, {
    mayChange: () => mayChange,
    onDefect: (error) => defects.push(error),
  });
  const { answers } = guard.broker;
  const answered = answers.length;
  const hasBody = method !== "GET" && method !== "HEAD";
  const reply = await app.request(
    `http://guard${path}${request.query}`,
    { method, headers: { "content-type": type }, ...(hasBody ? { body: request.body } : {}) },
    { incoming: {} },
  );
  if (defects.length > 0) throw new Error("a defect", { cause: defects[0] });
  const { status } = reply;
  promise(status < 500, `status ${status}`);
  const text = await reply.text();
  const isForbidden = hasBody && !mayChange;
  promise(!isForbidden || status === 403, `status ${status} for somebody who may not change`);
  promise(!isForbidden || answers.length === answered, "the broker was asked by one who may not");
  if (method === "HEAD" || text === "") return;
  const view = status === 200 ? VIEWS[`${method} ${path}`] : faultViewSchema;
  promise(view !== undefined, `${method} ${path} answers with 200, and nobody knows it`);
  const isJson = reply.headers.get("content-type")?.startsWith("application/json") === true;
  promise(isJson || status === 200, "a fault that is no JSON");
  const { error } = view.safeParse(isJson ? JSON.parse(text) : text);
  promise(
    error === undefined,
    `an answer against the contract: ${error && z.prettifyError(error)}`,
  );
}

export const apiTarget = fuzzTarget("api", sessions, check, (bytes) =>
  JSON.parse(bytes.toString()),
);

async function check(session: readonly AskedOf[]): Promise<void> {
  await using guard = await RunningGuard.open();
  const { broker, journal } = guard;
  for (const request of session) await ask(guard, request);
  checkBroker(broker, broker.answers.length);
  const malformed = broker.answers.find((answer) => answer.includes('"malformed"'));
  promise(malformed === undefined, `the guard asked for what is no request: ${malformed}`);
  const [banned, shutOut] = [journal.countActiveBans(), broker.shutOut.length];
  promise(banned === shutOut, `${banned} bans in the journal, ${shutOut} in the kernel`);
}
