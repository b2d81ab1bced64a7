/** Requests over the API's socket: paths, queries and bodies gone wrong; never a defect. */
import fc from "fast-check";
import { API_PATHS } from "../../../src/api/contract.ts";
import { createApi } from "../../../src/api/server.ts";
import { FakeOperator } from "../../api/fake-operator.ts";
import { anyCharacter } from "../any-character.ts";
import { type Json, mutatedJson, NASTY_ADDRESSES } from "../mutated-json.ts";
import { fuzzTarget, promise } from "../target.ts";

const address = fc.constantFrom("192.0.2.7", "2001:db8::/64", ...NASTY_ADDRESSES);
const body = fc.oneof<fc.Arbitrary<Json>[]>(
  fc.record({ address, for_seconds: fc.constantFrom(1, 315_360_000), reason: fc.string() }),
  fc.record({ address }),
  fc.record({ confirm_seconds: fc.integer({ min: 1, max: 86_400 }) }),
);
const parameterName = fc.oneof(
  fc.constantFrom("all", "limit", "after", "address"),
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

const requests = fc.record({
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
  mayChange: fc.boolean(),
});

export const apiTarget = fuzzTarget("api", requests, async (request) => {
  const operator = new FakeOperator();
  const defects: unknown[] = [];
  const app = createApi(operator, {
    mayChange: () => request.mayChange,
    onDefect: (error) => defects.push(error),
  });
  const { method, type } = request;
  const hasBody = method !== "GET" && method !== "HEAD";
  const reply = await app.request(
    `http://guard${request.path}${request.query}`,
    { method, headers: { "content-type": type }, ...(hasBody ? { body: request.body } : {}) },
    { incoming: {} },
  );
  if (defects.length > 0) throw new Error("a defect", { cause: defects[0] });
  promise(reply.status < 500, `status ${reply.status}`);
  const text = await reply.text();
  if (method !== "HEAD" && text !== "") JSON.parse(text);
  if (hasBody && !request.mayChange) {
    promise(reply.status === 403, `status ${reply.status} for somebody who may not change`);
    promise(operator.requests.length === 0, "the operator was asked for somebody who may not");
  }
});
