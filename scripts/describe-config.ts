/**
 * Writes docs/CONFIGURATION.md and examples/vedette.conf from the schema; a test finds stale ones.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { describeReference, describeSample } from "../src/config/describe.ts";
// vedette.conf(5) and the completion have the same keys.
import "./describe-manual.ts";

const root = new URL("../", import.meta.url);
mkdirSync(new URL("docs/", root), { recursive: true });
mkdirSync(new URL("examples/", root), { recursive: true });
writeFileSync(new URL("docs/CONFIGURATION.md", root), describeReference());
writeFileSync(new URL("examples/vedette.conf", root), describeSample());
