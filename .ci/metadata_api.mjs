// A server on this machine instead of an org: it answers what the Salesforce CLI asks to log in with a token and to retrieve.
// The answers are those of the Metadata API; the zip is the caller's.

import { once } from "node:events";
import { createServer } from "node:http";

const ORGANIZATION = "00D000000000001EAA";
const USER = "005000000000001AAA";
export const USERNAME = "admin@example.com";

const envelope = (method, result) =>
  '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ' +
  `xmlns="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><${method}Response><result>${result}</result>` +
  `</${method}Response></soapenv:Body></soapenv:Envelope>`;

const messages = (problems) =>
  problems.map((it) => `<messages><fileName>unpackaged/package.xml</fileName><problem>${it}</problem></messages>`).join("");

/**
 * Starts the server. `org.retrieve` decides what a retrieve does: `{ zip, problems }`, `{ error }`, or `"pending"`, which
 * never ends. `org.requests` has the bodies of the retrieves. Other requests are answered with 404.
 */
export async function startOrg() {
  const org = { retrieve: "pending", requests: [] };
  const status = () => {
    const id = "<id>09S000000000001AAA</id>";
    if (org.retrieve === "pending") {
      return `<done>false</done>${id}<status>InProgress</status><success>false</success>`;
    }
    const { error, zip, problems = [] } = org.retrieve;
    if (error) {
      const texts = `<errorMessage>${error}</errorMessage><errorStatusCode>UNKNOWN_EXCEPTION</errorStatusCode>`;
      return `<done>true</done>${texts}${id}<status>Failed</status><success>false</success>`;
    }
    const content = `<zipFile>${zip.toString("base64")}</zipFile>`;
    return `<done>true</done>${id}${messages(problems)}<status>Succeeded</status><success>true</success>${content}`;
  };
  const answer = (path, body) => {
    if (path === "/services/oauth2/userinfo") {
      return { organization_id: ORGANIZATION, user_id: USER, preferred_username: USERNAME };
    }
    if (path.endsWith(`/sobjects/User/${USER}`)) {
      return { Id: USER, Username: USERNAME };
    }
    if (path === "/services/data") {
      return [{ label: "Test", url: "/services/data/v66.0", version: "66.0" }];
    }
    if (path.startsWith("/services/Soap/m/") && body.includes("checkRetrieveStatus")) {
      return envelope("checkRetrieveStatus", status());
    }
    if (path.startsWith("/services/Soap/m/") && body.includes("retrieve")) {
      org.requests.push(body);
      return envelope("retrieve", "<done>false</done><id>09S000000000001AAA</id><state>Queued</state>");
    }
    return undefined;
  };
  const server = createServer(async (request, response) => {
    const body = (await request.setEncoding("utf8").toArray()).join("");
    const found = answer(request.url.replace(/\/+/g, "/").replace(/\/$/, ""), body);
    const isXml = typeof found === "string";
    response.writeHead(found === undefined ? 404 : 200, { "content-type": isXml ? "text/xml" : "application/json" });
    response.end(isXml ? found : JSON.stringify(found ?? []));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  org.address = `http://127.0.0.1:${server.address().port}`;
  org.stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return org;
}
