import { expect, it } from "vitest";
import { meanMs } from "../../../bench/live/exposition.ts";

const EXPOSITION = `# TYPE ban_seconds histogram
ban_seconds_bucket{le="0.01"} 3
ban_seconds_sum 0.02
ban_seconds_count 4
idle_seconds_sum 0
idle_seconds_count 0
`;

it("meanMs is the sum over the count, in milliseconds", () => {
  expect(meanMs(EXPOSITION, "ban_seconds")).toBe(5);
});

it.each([
  { what: "nothing was observed", histogram: "idle_seconds" },
  { what: "there is no such histogram", histogram: "seconds" },
])("meanMs is unknown where $what", ({ histogram }) => {
  expect(meanMs(EXPOSITION, histogram)).toBeUndefined();
});
