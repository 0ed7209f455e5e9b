import type { RequestHandler, Response } from "express";

/** A request that is over, for whoever measures. */
export interface Served {
  readonly method: string;
  /** As it is declared, with names where values stand; `none` if there is nothing at its address. */
  readonly route: string;
  /** 499: whoever asked did not wait for the answer. */
  readonly status: number;
}

/** A request that begins. */
export interface Asked {
  /** Who asks on whose behalf, in the words of W3C Trace Context; anybody may write anything there. */
  readonly traceparent: string | undefined;
}

/** A request begins; what is returned hears how it ended. */
export type Observe = (asked: Asked) => (served: Served) => void;

const HUNG_UP = 499;

const NOWHERE = "none";

export function observed(observe: Observe): RequestHandler {
  return (request, response, next) => {
    const ended = observe({ traceparent: request.get("traceparent") });
    response.once("close", () =>
      ended({ method: request.method, route: routeOf(response), status: statusOf(response) }),
    );
    next();
  };
}

/** What comes this far is counted under that route. Never the address itself: it holds ids, and there is no end of them. */
export const countedAs =
  (route: string): RequestHandler =>
  (_request, response, next) => {
    response.locals["route"] = route;
    next();
  };

const routeOf = ({ locals }: Response): string => String(locals["route"] ?? NOWHERE);

const statusOf = ({ writableFinished, statusCode }: Response): number => (writableFinished ? statusCode : HUNG_UP);
