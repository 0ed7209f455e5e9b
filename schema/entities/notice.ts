import { defineEntity, p } from "@mikro-orm/core";
import type { News } from "../wire/news.ts";

/**
 * Something that every process must hear of, written with its cause. When, and in which transaction, the database notes
 * by itself: whoever reads needs to know what they have not seen yet.
 */
const NoticeSchema = defineEntity({
  name: "Notice",
  tableName: "notices",
  properties: {
    id: p.uuid().primary(),
    news: p.json<News>(),
  },
});

export class Notice extends NoticeSchema.class {}
NoticeSchema.setClass(Notice);
