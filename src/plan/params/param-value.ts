/** What a parameter may be: it stands in texts and commands, so it is never a list or a map. */
export type ParamValue = string | number | boolean;
