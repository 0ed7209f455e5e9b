import { isPossiblePhoneNumber } from "libphonenumber-js";

/** Whether a number (E.164) has a country, and as many figures as numbers have there. */
export const isPossiblePhone = (phone: string): boolean => isPossiblePhoneNumber(phone);
