import { z } from "zod";

// Before any schema is made: the page makes no code of words, and its policy would not let it.
z.config({ jitless: true });
