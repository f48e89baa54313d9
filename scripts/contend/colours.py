"""The engines' colours, in charts and in the report: each on a light and on a dark ground.

An engine has the colour of its place in the result. The first are Okabe and Ito's without the yellow,
which white swallows, and two more: under simulated red, green and blue blindness every two of the eight
differ by a CIE76 distance of 16 or more. The second are the same hues, lighter.
"""
ENGINES = [("#404040", "#c9ced3"), ("#e69f00", "#f0b840"), ("#cc79a7", "#e09bc0"),
           ("#56b4e9", "#7cc8f2"), ("#009e73", "#3dc49c"), ("#0072b2", "#4aa3dd"),
           ("#d55e00", "#f5894a"), ("#80460d", "#c98f56")]
