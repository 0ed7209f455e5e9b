# What runs, and nothing else: no compiler, no tests, no embedded PostgreSQL. DATABASE_URL says where the data is.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# A compiler comes along as a wish of @colyseus/schema's command line, which nobody runs here.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/typescript node_modules/@typescript

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY . .
# For keys and secrets that a server makes for itself, where ALLOW_EMBEDDED lets it.
RUN mkdir data && chown node:node data
USER node
EXPOSE 3000
# Of a node. Of the worker (`node server/worker.ts`) and the release step, which have no door, switch it off.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself answers SIGTERM: it is the first process, not npm's child.
CMD ["node", "server/main.ts"]
