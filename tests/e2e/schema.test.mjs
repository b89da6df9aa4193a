// A stranger that knows nothing but the OpenAPI asks everything that it allows, and much that it does not, signed as people of
// several roles: the server never fails, and answers as the document says.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Server, codeOf } from "./lib/server.mjs";
import { signingRelay } from "./lib/signing-relay.mjs";
import { KIND_INCIDENT, recordId, reportEntries, Stranger } from "./lib/stranger.mjs";

const PYTHON = process.env.GREENSHIELD_PYTHON ?? "python3";
const HOOKS = fileURLToPath(new URL("clients/schema_hooks.py", import.meta.url));
const CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"];

describe("schemathesis over the OpenAPI", () => {
  let server, folder;
  before(async () => {
    server = await Server.start();
    folder = await mkdtemp(join(tmpdir(), "greenshield-schema-"));
  });
  after(async () => {
    await server?.remove();
    await rm(folder, { recursive: true });
  });

  for (const role of ["desk", "auditor", "volunteer"]) {
    test(`as ${role}: no server error, and every answer is one of those in the document`, async (context) => {
      const person = new Stranger(server.origin);
      await person.enrol(codeOf(await server.invite(role)));
      await person.push([person.log.op(recordId(), KIND_INCIDENT, reportEntries())]);
      const relay = await signingRelay(person);
      const words = ["-c", "from schemathesis.cli import schemathesis; schemathesis()", "run", `${relay.origin}/v1/openapi.json`,
        "--checks", CHECKS.join(","), "--max-examples", "8", "--seed", "1", "--phases", "examples,coverage,fuzzing", "--generation-database", "none",
        "--no-shrink", "--continue-on-failure", "--warnings", "off", "--suppress-health-check", "all", "--request-timeout", "40", "--no-color"];
      try {
        const { failed, output } = await new Promise((resolve) => {
          execFile(PYTHON, words, { cwd: folder, maxBuffer: 64 << 20, env: { ...process.env, SCHEMATHESIS_HOOKS: HOOKS } }, (error, stdout, stderr) => resolve({ failed: error !== null, output: stdout + stderr }));
        });
        assert.ok(!failed, output.slice(-20_000));
        context.diagnostic(output.split("\n").filter((line) => /generated|passed|test case/i.test(line)).slice(-3).join(" · "));
      } finally {
        relay.close();
      }
      assert.equal((await fetch(`${server.origin}/v1/ready`)).status, 200);
    });
  }
});
