import { Entrance } from "./entrance.ts";
import { Nginx } from "./nginx.ts";

/** A page that an edge shows in place of an answer that it does not like. */
export const SORRY = "<html><title>520</title>Sorry, something went wrong with this site.</html>";

export interface EdgeOptions {
  /** After so long without a byte a connection is given up. */
  readonly idleSeconds?: number;
}

/**
 * What hosts put before servers, at its worst: answers of the server of 500 and above become a page of its own with 520,
 * in front of what is stored, compressed and held back until it is whole whatever may be.
 */
export class Edge extends Entrance {
  readonly #nginx: Nginx;

  private constructor(nginx: Nginx) {
    super(nginx.port);
    this.#nginx = nginx;
  }

  static async before(server: number, { idleSeconds = 100 }: EdgeOptions = {}): Promise<Edge> {
    return new Edge(
      await Nginx.startAs(
        ({ port, folder }) => `
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  default_type application/octet-stream;
  client_body_temp_path ${folder}/nginx-bodies;
  proxy_temp_path ${folder}/nginx-answers;
  fastcgi_temp_path ${folder}/nginx-fastcgi;
  uwsgi_temp_path ${folder}/nginx-uwsgi;
  scgi_temp_path ${folder}/nginx-scgi;
  proxy_cache_path ${folder}/kept keys_zone=kept:1m;
  gzip on;
  gzip_types *;
  gzip_min_length 1;
  map $http_upgrade $connection_to_server { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${server};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_to_server;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_buffering on;
      proxy_request_buffering on;
      proxy_read_timeout ${idleSeconds}s;
      proxy_cache kept;
      proxy_cache_key $request_method$request_uri;
      proxy_cache_min_uses 1;
      proxy_cache_use_stale error timeout http_500 http_502 http_503 http_504;
      add_header X-Kept $upstream_cache_status always;
      proxy_intercept_errors on;
      error_page 500 501 502 503 504 505 507 508 510 511 =520 /sorry;
    }
    location = /sorry {
      internal;
      default_type text/html;
      return 520 '${SORRY}';
    }
  }
}
`,
      ),
    );
  }

  log(): string {
    return this.#nginx.log();
  }

  stop(): Promise<void> {
    return this.#nginx.stop();
  }
}
