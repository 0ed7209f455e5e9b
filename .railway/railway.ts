import { defineRailway, postgres, preserve, project, redis, service } from "railway/iac";

/**
 * The project on Railway: `railway config plan` shows what it would change, `railway config apply` does it. See
 * docs/deploy.md. Every service is the image of the Dockerfile; `preserve()` keeps what was set in Railway by hand.
 */
const DOCKERFILE = { builder: "DOCKERFILE", dockerfilePath: "Dockerfile" } as const;

export default defineRailway((context) => {
  const database = postgres("Postgres");
  const cache = redis("Redis");

  const env = {
    NODE_ENV: "production",
    DATABASE_URL: database.env.DATABASE_URL,
    REDIS_URL: cache.env.REDIS_URL,
    PUBLIC_URL: preserve(),
    APP_SECRET: preserve(),
    CLUSTER_KEY: preserve(),
    JWT_PRIVATE_KEY: preserve(),
    METRICS_TOKEN: preserve(),
    CORS_ORIGINS: preserve(),
    SENDGRID_API_KEY: preserve(),
    SENDGRID_WEBHOOK_KEY: preserve(),
    MAIL_FROM: preserve(),
    TWILIO_ACCOUNT_SID: preserve(),
    TWILIO_AUTH_TOKEN: preserve(),
    TWILIO_FROM: preserve(),
    EXPO_ACCESS_TOKEN: preserve(),
    S3_BUCKET_NAME: preserve(),
    S3_ENDPOINT: preserve(),
    AWS_REGION: preserve(),
    AWS_ACCESS_KEY_ID: preserve(),
    AWS_SECRET_ACCESS_KEY: preserve(),
    REVENUECAT_API_KEY: preserve(),
    REVENUECAT_WEBHOOK_AUTH: preserve(),
    // Railway's edge says who asks in X-Real-IP, and comes from there.
    CLIENT_IP_HEADER: "X-Real-IP",
    TRUST_PROXY: "100.64.0.0/10",
    // The release step migrates, before the first node of a release starts.
    MIGRATE: "never",
    WORKER: "separate",
    SHUTDOWN_DEADLINE_SECONDS: "20",
  };

  const web = service("web", {
    build: DOCKERFILE,
    start: "node server/main.ts",
    preDeploy: "node server/migrate.ts",
    healthcheck: "/ready",
    healthcheckTimeout: 120,
    replicas: context.isEnvironment("production") ? 2 : 1,
    env,
    deploy: {
      restartPolicyType: "ALWAYS",
      // The new ones are ready before the old ones are told to go, and those are given longer than they may take.
      overlapSeconds: 10,
      drainingSeconds: 30,
      // A node that sleeps hears of no news.
      sleepApplication: false,
    },
  });

  // It has no door: that it runs is its health. Before the release step is through it ends, and is started again.
  const worker = service("worker", {
    build: DOCKERFILE,
    start: "node server/worker.ts",
    replicas: 1,
    env,
    deploy: { restartPolicyType: "ALWAYS", drainingSeconds: 30, sleepApplication: false },
  });

  return project("twinship", { resources: [database, cache, web, worker] });
});
