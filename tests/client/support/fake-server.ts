import { ada } from "./messages.ts";

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Record<string, unknown>;
}

type Route = (request: Request, nth: number) => Response | Promise<Response>;

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

export const ok = (body: object = {}, status = 200): Response => json(status, { success: true, ...body });

export const no = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  json(status, { success: false, error: { code, message: code }, timestamp: "", requestId: "12345678" }, headers);

export const user = { id: ada, email: "ada@example.org", name: "Ada", accentColor: "neon-blue" };

export const tokens = (n: number, expiresIn = 3600) => ({
  accessToken: `access-${n}`,
  refreshToken: `refresh-${n}`,
  tokenType: "Bearer",
  expiresIn,
});

/** Answers by route, and writes down what it was asked. */
export class FakeServer {
  readonly asked: Request[] = [];
  readonly #routes = new Map<string, Route>();

  constructor() {
    this.on("POST /api/v1/auth/login", () => ok({ user, tokens: tokens(1) }));
    this.on("POST /api/v1/auth/refresh", ({ body }) => {
      const n = Number(String(body["refreshToken"]).split("-")[1]);
      return ok({ tokens: tokens(n + 1) });
    });
  }

  on(route: string, answer: Route): void {
    this.#routes.set(route, answer);
  }

  all(route: string): Request[] {
    return this.asked.filter(({ method, path }) => `${method} ${path}` === route);
  }

  answer = (url: string, init: RequestInit): Response | Promise<Response> => {
    const { pathname } = new URL(url);
    const method = init.method ?? "GET";
    const headers = Object.fromEntries(
      Object.entries({ ...init.headers }).map(([name, value]) => [name, String(value)]),
    );
    const body = typeof init.body === "string" ? JSON.parse(init.body) : {};
    const request = { method, path: pathname, headers, body };
    this.asked.push(request);
    const route = `${method} ${pathname}`;
    const answer = this.#routes.get(route);
    return answer ? answer(request, this.all(route).length) : no(404, "NOT_FOUND");
  };
}
