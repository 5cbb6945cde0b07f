// The page's sentences in the reader's language (page/texts/).

// touch         whether the reader points with fingers: some sentences then differ, since fingers click nothing
//               and have no keys
// languageTags  BCP 47's tags for those of Whisper's language codes that differ
// knownNames    names of languages that a browser may lack, by the language of the page and by Whisper's codes
export function createI18n({ translations, language, touch, languageTags, knownNames = {} }) {
  const locale = [language, language.split("-")[0]].find((code) => code in translations) ?? "en";
  const known = (key) => translations[locale]?.[key] ?? translations.en?.[key];
  const sentence = (key) => (touch && known(`${key}_touch`)) || known(key);

  const plain = new Intl.NumberFormat(locale);
  const number = (value) => plain.format(value);

  // Returns a function that writes numbers with so many digits behind the decimal sign, and none between thousands.
  const withDigits = (digits) => {
    const bounds = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    const { format } = new Intl.NumberFormat(locale, { ...bounds, useGrouping: false });
    return format;
  };

  // Returns the sentence of a key with values in place of {names}. A `count` of 1 may have its own sentence.
  const t = (key, values = {}) => {
    const text = (values.count === 1 && sentence(`${key}_one`)) || sentence(key) || key;
    const written = (value) => (typeof value === "number" ? number(value) : value ?? "");
    return text.replace(/\{(\w+)\}/g, (_, name) => written(values[name]));
  };

  const languageTag = (code) => languageTags[code] ?? code;
  const languageNames = new Intl.DisplayNames([locale], { type: "language" });

  return {
    t,
    number,
    withDigits,
    exact: withDigits(2), // seconds, to hundredths
    // How the page calls a speaker without a name, for the server to write in files.
    shownSpeaker: t("speaker_number", { number: "{number}" }),
    locale,
    touch,
    // Returns what an error's code means; undefined in English, in which the engine itself writes.
    errorText: (code) => sentence(`error_${code}`),
    // Returns what to do then, with the limit or the name of the option that the error is about.
    errorHint: (code, { limit, field } = {}) => {
      const option = field && sentence(`option_${field}`);
      const hint = [option, sentence(`error_${code}_hint`)].filter(Boolean).join(": ");
      return limit ? `${hint} ${t("error_limit", { limit })}` : hint;
    },
    timeOfDay: (seconds) =>
      new Date(1000 * seconds).toLocaleTimeString(locale, { timeStyle: "short" }),
    languageTag,
    // Returns a language's name by Whisper's code for it; the code itself if nobody knows it.
    languageName: (code) => {
      const name = knownNames[locale]?.[code];
      if (name) return name;
      try {
        return languageNames.of(languageTag(code));
      } catch {
        return code;
      }
    },
  };
}
