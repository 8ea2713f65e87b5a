# Reads the report of a test run: a TRX file, in which each result is an element on a line of its own. Sourced by ./test.

# The counter $2 of report $1; 0 if there is no report.
counter() {
    local value
    value=$(sed -n "s/.*<Counters [^>]*\b$2=\"\([0-9]*\)\".*/\1/p" "$1" 2>/dev/null | head -n 1)
    echo "${value:-0}"
}

# The names of the tests of report $1 with outcome $2, one a line, still escaped as in XML.
tests_with() {
    sed -n "s/.*<UnitTestResult [^>]*testName=\"\([^\"]*\)\"[^>]*outcome=\"$2\".*/\1/p" "$1" 2>/dev/null
}

failed_tests() {
    tests_with "$1" Failed
}

has_passed() {
    tests_with "$1" Passed | grep -qxF -- "$2"
}

# The method of a test: its name without the type arguments and values of one case.
method_of() {
    local name=${1%%(*}
    echo "${name%%&lt;*}"
}

# A name as a person reads it.
unescaped() {
    sed 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' <<<"$1"
}

# Why tests of report $1 were skipped: each reason once, escaped as in XML.
skip_reasons() {
    sed -n '/<UnitTestResult [^>]*outcome="NotExecuted"/,/<\/UnitTestResult>/s/.*<Message>\(.*\)<\/Message>.*/\1/p' "$1" 2>/dev/null | sort -u
}
