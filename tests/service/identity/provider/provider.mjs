// A certified OpenID provider for tests. Reads its configuration as one JSON line on standard input, says its issuer on
// standard output, and ends with standard input. Whoever signs in picks a name on a page; the account says what is told.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const lines = createInterface({ input: process.stdin });
const asked = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
lines.on("close", () => process.exit(0));

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const claims = [...new Set(Object.values(asked.accounts).flatMap(({ claims }) => Object.keys(claims)))];
const provider = new Provider(issuer, {
  clients: asked.clients,
  jwks: asked.jwks,
  acrValues: ["Level4", "idporten-loa-high"],
  scopes: ["openid", ...asked.scopes],
  claims: { openid: ["sub", "sid", "acr", "auth_time", ...claims.filter((name) => name !== "acr")] },
  conformIdTokenClaims: false,
  cookies: { keys: ["only for tests"] },
  clientAuthMethods: ["private_key_jwt"],
  enabledJWA: {
    idTokenSigningAlgValues: ["ES256", "PS256", "RS256"],
    clientAuthSigningAlgValues: ["ES256"],
    dPoPSigningAlgValues: ["ES256"],
  },
  // It would not call this machine otherwise, which is right everywhere but here.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = `<!doctype html><title>Out</title>${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Yes</button>`;
      },
    },
  },
  async findAccount(_, id) {
    const account = asked.accounts[id];
    return account && { accountId: id, claims: () => ({ sub: id, ...account.claims }) };
  },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope(["openid", ...asked.scopes].join(" "));
    await grant.save();
    return grant;
  },
  interactions: { url: (_, interaction) => `/who/${interaction.uid}` },
  renderError(ctx, out) {
    ctx.type = "json";
    ctx.body = out;
  },
});
provider.on("server_error", (_, error) => console.error(error));
provider.on("backchannel.error", (_, error) => console.error(error));

const serve = provider.callback();
server.on("request", async (request, response) => {
  if (!request.url.startsWith("/who/")) return serve(request, response);
  const picked = new URL(request.url, issuer).searchParams.get("as");
  if (picked === null) {
    const path = request.url.split("?")[0];
    const links = Object.keys(asked.accounts).map((id) => `<p><a href="${path}?as=${id}">${id}</a></p>`).join("");
    response.setHeader("content-type", "text/html");
    return response.end(`<!doctype html><title>Who</title>${links}<p><a href="${path}?as=">cancel</a></p>`);
  }
  if (picked === "") {
    return provider.interactionFinished(request, response, { error: "access_denied" });
  }
  const { acr, ago } = asked.accounts[picked];
  const ts = Math.floor(Date.now() / 1000) - (ago ?? 0);
  return provider.interactionFinished(request, response, { login: { accountId: picked, acr, ts } });
});
process.stdout.write(`${JSON.stringify({ issuer })}\n`);
